// Floating point on few values: the outer planets, symplectic steps.
#define N 5
static double p[N][3], v[N][3], m[N];

static void set(int i, double x, double y, double z, double u, double w, double t, double mass)
{
    p[i][0] = x, p[i][1] = y, p[i][2] = z, v[i][0] = u, v[i][1] = w, v[i][2] = t, m[i] = mass;
}

static void step(double dt)
{
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++) {
            double d[3], square = 0;
            for (int k = 0; k < 3; k++)
                d[k] = p[i][k] - p[j][k], square += d[k] * d[k];
            double force = dt / (square * __builtin_sqrt(square));
            for (int k = 0; k < 3; k++)
                v[i][k] -= d[k] * m[j] * force, v[j][k] += d[k] * m[i] * force;
        }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            p[i][k] += dt * v[i][k];
}

__attribute__((export_name("run"))) unsigned run(unsigned rounds)
{
    set(0, 0, 0, 0, 0, 0, 0, 39.5);
    set(1, 4.84, -1.16, -0.10, 0.61, 2.81, -0.02, 0.0377);
    set(2, 8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.0113);
    set(3, 12.89, -15.11, -0.22, 1.08, 0.87, -0.01, 0.0017);
    set(4, 15.38, -25.92, 0.18, 0.98, 0.59, -0.03, 0.002);
    for (unsigned i = 0; i < rounds * 10000; i++)
        step(0.01);
    return (unsigned)(int)(p[1][0] * 1000);
}
