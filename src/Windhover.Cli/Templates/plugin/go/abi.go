// What the host allocates through, and how values are read from memory and written to it. All that the host hands over during a call, and all that
// you take from alloc or give, is given up together when the call is over (release): copy what you want to keep.
package main

import "unsafe"

// The memory is not Go's heap: to allocate there may start a collection, which asks for the time, and the host refuses calls while it hands values over.
// It comes from the runtime's own source instead, which is also there already while Go starts and WASI's adapter wants its page.
//
//go:linkname sbrk runtime.sbrk
func sbrk(n uintptr) unsafe.Pointer

// Pieces of memory, each at least twice as large as the one before. Calls fill them from the first on.
var (
	chunks  [16]struct{ start, end uint32 }
	have    int
	current int
	top     uint32
)

func alloc(size, align uint32) uint32 {
	for ; current < have; current++ {
		if top == 0 {
			top = chunks[current].start
		}
		if start := (top + align - 1) &^ (align - 1); start >= top && size <= chunks[current].end-start {
			top = start + size
			return start
		}
		top = 0
	}
	length := max(uint32(64*1024)<<(2*have), size+align)
	start := uint32(uintptr(sbrk(uintptr(length))))
	if start == 0 || have == len(chunks) {
		panic("out of memory")
	}
	chunks[have].start, chunks[have].end = start, start+length
	have++
	return alloc(size, align)
}

func release() { current, top = 0, 0 }

//go:wasmexport cabi_realloc
func cabiRealloc(old, oldSize, align, size uint32) uint32 {
	address := alloc(size, align)
	if oldSize > 0 {
		copy(bytes(address, size), bytes(old, oldSize))
	}
	return address
}

func at[T any](address uint32) *T { return (*T)(*(*unsafe.Pointer)(unsafe.Pointer(&[1]uintptr{uintptr(address)}))) }

func bytes(address, length uint32) []byte { return unsafe.Slice(at[byte](address), length) }

// Text of the host.
func text(address, length uint32) string { return string(bytes(address, length)) }

// Text for the host.
func give(text string) (address, length uint32) {
	address = alloc(uint32(len(text)), 1)
	copy(bytes(address, uint32(len(text))), text)
	return address, uint32(len(text))
}

// A number in memory: get[uint32](line + 8).
func get[T any](address uint32) T { return *at[T](address) }

// Text in memory.
func getText(address uint32) string { return text(get[uint32](address), get[uint32](address+4)) }

// Writes a number: put(result+8, uint64(42)).
func put[T any](address uint32, value T) { *at[T](address) = value }

// Writes text.
func putText(address uint32, value string) {
	start, length := give(value)
	put(address, start)
	put(address+4, length)
}
