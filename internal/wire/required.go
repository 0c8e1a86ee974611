package wire

// The functions are called by generated code, which has to stay small: they may
// not be inlined.

// Require appends the name of a required member to the paths of those that are
// missing, unless it is there.
//
//go:noinline
func Require(missing []string, there bool, name string) []string {
	if there {
		return missing
	}
	return append(missing, name)
}

// Within puts a member in front of the paths from the index n on, which begin in
// its value.
//
//go:noinline
func Within(missing []string, n int, name string) []string {
	for i := n; i < len(missing); i++ {
		missing[i] = joinPath(name, missing[i])
	}
	return missing
}

// WithinItem is Within for an element of a slice.
//
//go:noinline
func WithinItem(missing []string, n int, name string, index int) []string {
	if len(missing) == n {
		return missing // the step need not be made
	}
	return Within(missing, n, name+indexStep(index))
}
