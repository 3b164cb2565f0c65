// A WASI 0.1 command in Go:
//
//	go-cli               "Hello from Go"
//	go-cli words [FILE]  how often each word occurs, from a file or standard input
//	go-cli json          one JSON object per line in, the same with sorted keys and a field "seen" out
//	go-cli pipeline N    N numbers through three goroutines; prints the sum of their squares
//	go-cli sleep MS | env NAME | panic
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

func words(in io.Reader, out io.Writer) error {
	counts := map[string]int{}
	scanner := bufio.NewScanner(in)
	scanner.Split(bufio.ScanWords)
	for scanner.Scan() {
		counts[scanner.Text()]++
	}
	sorted := make([]string, 0, len(counts))
	for word := range counts {
		sorted = append(sorted, word)
	}
	sort.Slice(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		return counts[a] > counts[b] || counts[a] == counts[b] && a < b
	})
	for _, word := range sorted {
		fmt.Fprintf(out, "%d %s\n", counts[word], word)
	}
	return scanner.Err()
}

func jsonLines(in io.Reader, out io.Writer) error {
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for seen := 1; ; seen++ {
		var object map[string]any
		if err := decoder.Decode(&object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		object["seen"] = seen
		if err := encoder.Encode(object); err != nil {
			return err
		}
	}
}

func pipeline(n int) (sum int) {
	numbers, squares := make(chan int), make(chan int, 16)
	go func() {
		defer close(numbers)
		for i := 1; i <= n; i++ {
			numbers <- i
		}
	}()
	go func() {
		defer close(squares)
		for i := range numbers {
			squares <- i * i
		}
	}()
	for square := range squares {
		sum += square
	}
	return sum
}

func run(args []string) error {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	operand := strings.Join(args[min(len(args), 1):], " ")
	number, _ := strconv.Atoi(operand)
	switch {
	case len(args) == 0:
		fmt.Fprintln(out, "Hello from Go")
	case args[0] == "words" && operand == "":
		return words(os.Stdin, out)
	case args[0] == "words":
		file, err := os.Open(operand)
		if err != nil {
			return err
		}
		defer file.Close()
		return words(file, out)
	case args[0] == "json":
		return jsonLines(os.Stdin, out)
	case args[0] == "pipeline":
		fmt.Fprintln(out, pipeline(number))
	case args[0] == "sleep":
		time.Sleep(time.Duration(number) * time.Millisecond)
		fmt.Fprintln(out, "slept")
	case args[0] == "env":
		fmt.Fprintln(out, os.Getenv(operand))
	case args[0] == "panic":
		panic("as asked")
	default:
		return fmt.Errorf("unknown command %q", args[0])
	}
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "go-cli:", err)
		os.Exit(1)
	}
}
