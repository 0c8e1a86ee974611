package ivsrealtime

// FrozenClients counts the BuildableClients that something is kept for.
func FrozenClients() (n int) {
	frozenClients.Range(func(any, any) bool { n++; return true })
	return n
}
