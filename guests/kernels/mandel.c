// The tightest of floating-point loops: no memory, a branch on the result.
__attribute__((export_name("run"))) unsigned run(unsigned rounds)
{
    unsigned sum = 0;
    for (unsigned r = 0; r < rounds; r++)
        for (int y = 0; y < 40; y++)
            for (int x = 0; x < 60; x++) {
                double cr = x / 20.0 - 2, ci = y / 20.0 - 1, zr = 0, zi = 0;
                int n = 0;
                while (n < 500) {
                    double a = zr * zr, b = zi * zi;
                    if (a + b > 4)
                        break;
                    zi = 2 * zr * zi + ci, zr = a - b + cr, n++;
                }
                sum += n;
            }
    return sum;
}
