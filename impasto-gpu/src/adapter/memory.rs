//! How much memory a device has, which wgpu does not tell.
#![allow(unsafe_code)]

/// Bytes of the device's own memory, where its driver is Vulkan's.
#[cfg(any(target_os = "linux", target_os = "windows", target_os = "android", target_os = "freebsd"))]
pub fn of(adapter: &wgpu::Adapter) -> Option<u64> {
    /// VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.
    const OWN: u32 = 1;
    // SAFETY: the adapter is only asked and outlives this; handles are valid as long as it.
    unsafe {
        let adapter = adapter.as_hal::<wgpu::hal::api::Vulkan>()?;
        let instance = adapter.shared_instance().raw_instance();
        let memory = instance.get_physical_device_memory_properties(adapter.raw_physical_device());
        let heaps = memory.memory_heaps.iter().take(memory.memory_heap_count as usize);
        Some(heaps.filter(|heap| heap.flags.as_raw() & OWN != 0).map(|heap| heap.size).sum())
    }
}

/// Not told here.
#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "android", target_os = "freebsd")))]
pub fn of(_adapter: &wgpu::Adapter) -> Option<u64> {
    None
}
