// Command bare makes an HTTP request with net/http and nothing else: what a program
// weighs without a client.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		return // what is measured is over
	}
	resp, err := http.Post(os.Args[1], "application/json", strings.NewReader("{}"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil {
		log.Fatal(err)
	}
}
