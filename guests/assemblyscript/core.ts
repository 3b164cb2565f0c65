// A core module in AssemblyScript, without WASI: arithmetic on its own memory, for embedding as a plain function library.

/** How often each point of a `width` × `height` picture of the Mandelbrot set was iterated, one byte per point; the address of the first. */
export function mandelbrot(width: i32, height: i32, limit: u8): usize {
  const picture = heap.alloc(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cr = <f64>x / width * 3.0 - 2.0, ci = <f64>y / height * 2.0 - 1.0;
      let zr = 0.0, zi = 0.0, n: u8 = 0;
      for (; n < limit && zr * zr + zi * zi < 4.0; n++) {
        const next = zr * zr - zi * zi + cr;
        zi = 2.0 * zr * zi + ci;
        zr = next;
      }
      store<u8>(picture + y * width + x, n);
    }
  }
  return picture;
}

/** Room for `size` bytes, to be given back with `free`. */
export function alloc(size: i32): usize { return heap.alloc(size); }
export function free(pointer: usize): void { heap.free(pointer); }

/** FNV-1a of `size` bytes. */
export function hash(pointer: usize, size: i32): u32 {
  let h: u32 = 0x811c9dc5;
  for (let i = 0; i < size; i++) h = (h ^ load<u8>(pointer + i)) * 0x01000193;
  return h;
}

/** Greatest common divisor. */
export function gcd(a: u64, b: u64): u64 { return b == 0 ? a : gcd(b, a % b); }
