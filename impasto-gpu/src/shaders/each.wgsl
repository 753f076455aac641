// A kernel whose invocations work by themselves, in groups of 256 that are laid out in rows: it says what `each` does with
// its number, which may lie behind the last.
@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    each((group.y * groups.x + group.x) * 256u + lane);
}
