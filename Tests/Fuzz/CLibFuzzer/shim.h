#pragma once
#include <stddef.h>
#include <stdint.h>

typedef int (*fuzz_input)(const uint8_t *bytes, size_t count);

// libFuzzer's own loop. Only `make fuzz` links libFuzzer. In all other builds the function does not exist.
__attribute__((weak)) int LLVMFuzzerRunDriver(int *argc, char ***argv, fuzz_input input);

// Returns -1 if this program was built without libFuzzer.
static inline int fuzz_run(int argc, char **argv, fuzz_input input) {
  return LLVMFuzzerRunDriver ? LLVMFuzzerRunDriver(&argc, &argv, input) : -1;
}
