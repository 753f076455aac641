//! Which devices there are.

mod memory;

use std::sync::OnceLock;
use wgpu::{Backends, DeviceType, Instance, InstanceDescriptor, MemoryBudgetThresholds};

/// Share of the memory that the driver says is free up to which plans are made, in per cent.
const BUDGET: u8 = 95;

/// A device that can be opened.
#[derive(Clone)]
pub struct Adapter {
    pub(crate) inner: wgpu::Adapter,
    /// Its name, such as `NVIDIA H100`.
    pub name: String,
    /// Name and version of its driver.
    pub driver: String,
    /// What the driver speaks: `Vulkan`, `Metal`, `Dx12`.
    pub interface: String,
    /// Whether it is a graphics processor, and not a program that pretends to be one.
    pub real: bool,
    /// Whether it has memory of its own, which is faster than this machine's.
    pub discrete: bool,
    /// Bytes that one plan's maps may take.
    pub largest: u64,
    /// Bytes of memory that belong to it, where the driver tells.
    pub memory: Option<u64>,
}

impl std::fmt::Debug for Adapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.interface, self.driver)
    }
}

fn instance() -> &'static Instance {
    static INSTANCE: OnceLock<Instance> = OnceLock::new();
    INSTANCE.get_or_init(|| {
        let mut descriptor = InstanceDescriptor::new_without_display_handle();
        descriptor.backends = Backends::VULKAN | Backends::METAL | Backends::DX12;
        descriptor.flags = wgpu::InstanceFlags::empty();
        descriptor.memory_budget_thresholds =
            MemoryBudgetThresholds { for_resource_creation: Some(BUDGET), for_device_loss: None };
        Instance::new(descriptor)
    })
}

/// All devices whose drivers are installed, those with memory of their own first, software last. Empty where there is no
/// driver.
pub fn adapters() -> Vec<Adapter> {
    let found = pollster::block_on(instance().enumerate_adapters(Backends::all()));
    let mut adapters: Vec<Adapter> = found.into_iter().map(Adapter::of).collect();
    adapters.sort_by_key(|adapter| (!adapter.real, !adapter.discrete));
    adapters
}

impl Adapter {
    fn of(inner: wgpu::Adapter) -> Adapter {
        let info = inner.get_info();
        let limits = inner.limits();
        Adapter {
            name: info.name,
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            interface: format!("{:?}", info.backend),
            real: !matches!(info.device_type, DeviceType::Cpu | DeviceType::Other),
            discrete: info.device_type == DeviceType::DiscreteGpu,
            largest: limits.max_buffer_size.min(limits.max_storage_buffer_binding_size),
            memory: memory::of(&inner),
            inner,
        }
    }
}
