// A kernel that adds something up over `count` values, 4096 a group (`totals.rs`): it says what `term` makes of a sum and the
// next value, and what happens to the sum that is `told` of a group.
@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = group.y * groups.x + group.x;
    let first = number * 4096u;
    if first >= p.count {
        return;
    }
    let end = min(first + 4096u, p.count);
    var sum = 0.0;
    for (var value = first + lane; value < end; value += 256u) {
        sum = term(value, sum);
    }
    let all = added(lane, sum);
    if lane == 0u {
        told(number, all);
    }
}
