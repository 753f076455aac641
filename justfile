# All that CI does.
check:
    bash .ci/run

# Quick feedback while working.
quick:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --workspace

# Speed beside PyTorch; see bench/compare.py for what it needs.
compare:
    cargo build --release
    python3 bench/compare.py
