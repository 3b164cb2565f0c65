// What the host allocates through, and how text is read from memory and written to it; numbers are `load<u32>(line, 8)` and `store<u64>(result, 42, 8)`.
// All that the host hands over during a call, and all that you take from alloc or give, is given up together when the call is over (release): copy what
// you want to keep.

let held: usize[] = [];

export function alloc(size: usize, align: usize): usize {
  const block = heap.alloc(size + align);
  held.push(block);
  return (block + align - 1) & ~(align - 1);
}

export function release(): void {
  for (let i = 0; i < held.length; i++) heap.free(held[i]);
  held.length = 0;
}

export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  const address = alloc(size, align);
  if (oldSize > 0) memory.copy(address, old, min(oldSize, size));
  return address;
}

/** Text of the host. */
export function text(address: usize, length: u32): string {
  return String.UTF8.decodeUnsafe(address, length);
}

/** Text in memory. */
export function getText(address: usize): string {
  return text(load<u32>(address), load<u32>(address, 4));
}

/** Writes text for the host: its address, then its length. */
export function putText(address: usize, value: string): void {
  const length = String.UTF8.byteLength(value);
  const start = alloc(length, 1);
  String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, start);
  store<u32>(address, start);
  store<u32>(address, length, 4);
}
