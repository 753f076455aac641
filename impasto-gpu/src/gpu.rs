//! A device, opened.

use crate::{
    Adapter,
    compiled::Compiled,
    filters::Filters,
    health::Health,
    kernel::{KERNELS, Kernel},
    plan::GpuPlan,
};
use impasto_net::engine::{Engine, EngineError, Executor, Job};
use std::sync::{Arc, OnceLock};
use wgpu::{
    BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry, BindingType, Buffer, BufferBindingType,
    BufferDescriptor, BufferUsages, ComputePipeline, ComputePipelineDescriptor, Device, DeviceDescriptor,
    ErrorFilter, PipelineCompilationOptions, PipelineLayout, PipelineLayoutDescriptor, Queue,
    ShaderModuleDescriptor, ShaderSource, ShaderStages, util::DeviceExt,
};

/// An open device with its shaders, which are compiled when they are first wanted. Clones share it.
#[derive(Clone)]
pub struct Gpu(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    name: String,
    pub device: Device,
    pub queue: Queue,
    pub health: Arc<Health>,
    /// Bytes that a buffer may have.
    pub largest: u64,
    pub filters: Filters,
    pub layout: BindGroupLayout,
    pipeline_layout: PipelineLayout,
    pipelines: [OnceLock<ComputePipeline>; KERNELS],
    compiled: Compiled,
}

/// What a binding is used for.
fn entry(binding: u32, ty: BufferBindingType) -> BindGroupLayoutEntry {
    let ty = BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
    BindGroupLayoutEntry { binding, visibility: ShaderStages::COMPUTE, ty, count: None }
}

impl Gpu {
    /// Opens a device.
    ///
    /// # Errors
    /// [`EngineError::Failed`] with the driver's reason.
    pub fn open(adapter: &Adapter) -> Result<Gpu, EngineError> {
        let descriptor = DeviceDescriptor {
            label: Some("impasto"),
            required_features: adapter.inner.features() & wgpu::Features::PIPELINE_CACHE,
            required_limits: adapter.inner.limits(),
            ..DeviceDescriptor::default()
        };
        let opened = pollster::block_on(adapter.inner.request_device(&descriptor));
        let (device, queue) = opened.map_err(|error| EngineError::Failed(error.to_string()))?;
        let health = Arc::new(Health::default());
        let noted = health.clone();
        device.on_uncaptured_error(Arc::new(move |error| noted.note(&error)));
        let lost = health.clone();
        device.set_device_lost_callback(move |reason, why| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                lost.lose(&why);
            }
        });
        let changed = BufferBindingType::Storage { read_only: false };
        let read = BufferBindingType::Storage { read_only: true };
        let layout = device.create_bind_group_layout(&BindGroupLayoutDescriptor {
            label: None,
            entries: &[
                entry(0, changed),
                entry(1, read),
                entry(2, changed),
                entry(3, BufferBindingType::Uniform),
                entry(4, BufferBindingType::Uniform),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let inner = Inner {
            name: adapter.name.clone(),
            compiled: Compiled::open(&device, &adapter.inner.get_info()),
            device,
            queue,
            health,
            largest: adapter.largest,
            filters: Filters::default(),
            layout,
            pipeline_layout,
            pipelines: std::array::from_fn(|_| OnceLock::new()),
        };
        inner.health.check()?;
        Ok(Gpu(Arc::new(inner)))
    }
}

impl Inner {
    /// A shader ready to run.
    pub fn pipeline(&self, kernel: Kernel) -> &ComputePipeline {
        self.pipelines[kernel as usize].get_or_init(|| {
            self.compiled.note_new();
            let module = self.device.create_shader_module(ShaderModuleDescriptor {
                label: Some(kernel.name()),
                source: ShaderSource::Wgsl(kernel.source().into()),
            });
            self.device.create_compute_pipeline(&ComputePipelineDescriptor {
                label: Some(kernel.name()),
                layout: Some(&self.pipeline_layout),
                module: &module,
                entry_point: Some("main"),
                // Kernels write what they read.
                compilation_options: PipelineCompilationOptions {
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: self.compiled.cache(),
            })
        })
    }

    /// A buffer of `bytes` zeros for what shaders read and write.
    ///
    /// # Errors
    /// [`EngineError::Memory`] if no buffer may be so large, or if the memory is in use.
    pub fn storage(&self, label: &str, bytes: u64) -> Result<Buffer, EngineError> {
        self.fits(label, bytes)?;
        let scope = self.device.push_error_scope(ErrorFilter::OutOfMemory);
        let buffer = self.device.create_buffer(&BufferDescriptor {
            label: Some(label),
            size: bytes.next_multiple_of(16).max(16),
            usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        match pollster::block_on(scope.pop()) {
            None => Ok(buffer),
            Some(_) => Err(EngineError::Memory(format!(
                "{} MB for {label} are not free on the device",
                bytes.div_ceil(1_000_000)
            ))),
        }
    }

    /// A buffer with these values.
    ///
    /// # Errors
    /// As [`Inner::storage`].
    pub fn upload(&self, label: &str, values: &[f32]) -> Result<Buffer, EngineError> {
        let buffer = self.storage(label, 4 * values.len() as u64)?;
        if !values.is_empty() {
            self.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
        }
        Ok(buffer)
    }

    fn fits(&self, label: &str, bytes: u64) -> Result<(), EngineError> {
        if bytes <= self.largest {
            return Ok(());
        }
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        Err(EngineError::Memory(format!(
            "{label} would take {} MB, and the device gives {} MB at once",
            megabytes(bytes),
            megabytes(self.largest)
        )))
    }

    /// A buffer of parameters.
    pub fn uniform(&self, words: &[u32]) -> Buffer {
        self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("parameters"),
            contents: bytemuck::cast_slice(words),
            usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        })
    }
}

impl Engine for Gpu {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn plan(&self, job: &Job<'_>) -> Result<Box<dyn Executor>, EngineError> {
        let plan = GpuPlan::new(self.0.clone(), job)?;
        self.0.compiled.save();
        Ok(Box::new(plan))
    }
}
