// The same with 128-bit vectors: C = A · B, floats, four columns at a time.
#include <wasm_simd128.h>
#define N 256
static float a[N][N], b[N][N], c[N][N];

__attribute__((export_name("run"))) unsigned run(unsigned rounds)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = (float)((i - j) & 15), b[i][j] = (float)((i + 2 * j) & 15);
    float sum = 0;
    for (unsigned r = 0; r < rounds; r++) {
        a[0][0] = (float)(r & 7);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j += 4) {
                v128_t s = wasm_f32x4_splat(0);
#pragma clang loop unroll(disable)
                for (int k = 0; k < N; k++)
                    s = wasm_f32x4_add(s, wasm_f32x4_mul(wasm_f32x4_splat(a[i][k]), wasm_v128_load(&b[k][j])));
                wasm_v128_store(&c[i][j], s);
            }
        sum += c[3][5];
    }
    return (unsigned)(long long)sum;
}
