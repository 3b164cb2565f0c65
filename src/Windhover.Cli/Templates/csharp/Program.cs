// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
if (Environment.GetEnvironmentVariable("REQUEST_METHOD") is not null)
    Console.Write($"Content-Type: text/plain\n\nHello, {Environment.GetEnvironmentVariable("PATH_INFO")}\n");
else
    Console.Write($"called by {Environment.GetEnvironmentVariable("WINDHOVER_TRIGGER")}\n");

Console.Write(Console.In.ReadToEnd());
