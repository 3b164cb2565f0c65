// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
if (process.env.has("REQUEST_METHOD")) {
  console.log("Content-Type: text/plain\n\nHello, " + process.env.get("PATH_INFO"));
} else {
  console.log("called by a trigger");
}
