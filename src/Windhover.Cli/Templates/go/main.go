// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if os.Getenv("REQUEST_METHOD") != "" {
		fmt.Printf("Content-Type: text/plain\n\nHello, %s\n", os.Getenv("PATH_INFO"))
	} else {
		fmt.Printf("called by %s\n", os.Getenv("WINDHOVER_TRIGGER"))
	}
	io.Copy(os.Stdout, os.Stdin)
}
