// Where a convolution's padded, enlarged or spread input lies in the map.

const ZERO: u32 = 0u;
const REPLICATE: u32 = 1u;
const REFLECT: u32 = 2u;
const CIRCULAR: u32 = 3u;

// The position inside 0..n that stands for position `i` of the continued map; -1 means zero.
fn fold(i: i32, n: i32, padding: u32) -> i32 {
    if i >= 0 && i < n {
        return i;
    }
    let last = n - 1;
    switch padding {
        case REPLICATE: {
            return clamp(i, 0, last);
        }
        case REFLECT: {
            if last == 0 {
                return 0;
            }
            let period = 2 * last;
            let folded = ((i % period) + period) % period;
            return min(folded, period - folded);
        }
        case CIRCULAR: {
            return ((i % n) + n) % n;
        }
        default: {
            return -1;
        }
    }
}
