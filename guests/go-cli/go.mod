module windhover/guests/go-cli

go 1.27
