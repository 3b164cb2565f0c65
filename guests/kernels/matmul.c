// Loads in a tight loop: C = A · B, doubles, the inner loop along a column.
#define N 192
static double a[N][N], b[N][N], c[N][N];

__attribute__((export_name("run"))) unsigned run(unsigned rounds)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = i - j, b[i][j] = i + 2 * j;
    double sum = 0;
    for (unsigned r = 0; r < rounds; r++) {
        a[0][0] = r;
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double s = 0;
#pragma clang loop unroll(disable)
                for (int k = 0; k < N; k++)
                    s += a[i][k] * b[k][j];
                c[i][j] = s;
            }
        sum += c[3][5];
    }
    return (unsigned)(long long)sum;
}
