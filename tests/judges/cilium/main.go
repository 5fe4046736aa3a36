// What cilium/ebpf makes of each CO-RE relocation of an object, one JSON line a program and record.
//
//	judge-cilium BTF[,MODULE...] OBJECT...
//	judge-cilium -load OBJECT...
//
// The library resolves all records of one type in one program together, and the first error ends the load.
// To hear of every record, each such group is given to it alone; groups know nothing of each other.
// With -load it loads the objects into the running kernel instead, and prints how that ends, with the log.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

type line struct {
	Judge     string  `json:"judge"`
	Object    string  `json:"object"`
	LoadError *string `json:"load_error,omitempty"`
	Log       string  `json:"log,omitempty"`
	Program   string  `json:"program,omitempty"`
	Function  string  `json:"function,omitempty"`
	// Insn counts the instruction slots from the start of the function.
	Insn  *int   `json:"insn,omitempty"`
	Code  string `json:"code,omitempty"`
	Error string `json:"error,omitempty"`
}

// record is an instruction of a linked program that has a relocation.
type record struct {
	relo     *btf.CORERelocation
	ins      asm.Instruction
	function string
	insn     int
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: judge-cilium BTF[,MODULE...] OBJECT...")
		os.Exit(2)
	}
	judge := "cilium/ebpf " + version()
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if os.Args[1] == "-load" {
		for _, path := range os.Args[2:] {
			found := line{Judge: judge, Object: path}
			if err := load(path); err != nil {
				text := err.Error()
				found.LoadError = &text
				var refused *ebpf.VerifierError
				if errors.As(err, &refused) {
					found.Log = fmt.Sprintf("%+v", refused)
				}
			}
			out.Encode(found)
		}
		return
	}
	targets, err := readTargets(strings.Split(os.Args[1], ","))
	for _, path := range os.Args[2:] {
		say := func(found line) {
			found.Judge, found.Object = judge, path
			out.Encode(found)
		}
		ended := err
		if ended == nil {
			ended = judgeOn(path, targets, say)
		}
		if ended != nil {
			text := ended.Error()
			say(line{LoadError: &text})
		}
	}
}

func load(path string) error {
	collection, err := ebpf.LoadCollection(path)
	if err == nil {
		collection.Close()
	}
	return err
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/cilium/ebpf" {
			return module.Version
		}
	}
	return "?"
}

// judgeOn says what becomes of each record; the error is one that comes before any record.
func judgeOn(path string, targets []*btf.Spec, say func(line)) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	collection, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	names := make([]string, 0, len(collection.Programs))
	for name := range collection.Programs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		records := recordsOf(collection.Programs[name].Instructions)
		// As prog.go does it: ids of local types are given out a program, in the order of its records.
		var builder btf.Builder
		for _, group := range grouped(records) {
			relos := make([]*btf.CORERelocation, 0, len(group))
			for _, found := range group {
				relos = append(relos, found.relo)
			}
			fixups, err := btf.CORERelocate(relos, targets, collection.ByteOrder, builder.Add)
			for i, found := range group {
				answer := line{Program: name, Function: found.function, Insn: &found.insn}
				if err != nil {
					answer.Error = err.Error()
				} else {
					answer.Code, answer.Error = applied(fixups[i], found.ins, collection.ByteOrder)
				}
				say(answer)
			}
		}
	}
	return nil
}

func readTargets(paths []string) ([]*btf.Spec, error) {
	var targets []*btf.Spec
	for i, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var spec *btf.Spec
		if i == 0 {
			spec, err = btf.LoadSpecFromReader(bytes.NewReader(raw))
		} else {
			spec, err = btf.LoadSplitSpecFromReader(bytes.NewReader(raw), targets[0])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		targets = append(targets, spec)
	}
	return targets, nil
}

func recordsOf(insns asm.Instructions) []record {
	var records []record
	function, start := "", asm.RawInstructionOffset(0)
	iter := insns.Iterate()
	for iter.Next() {
		if symbol := iter.Ins.Symbol(); symbol != "" {
			function, start = symbol, iter.Offset
		}
		if relo := btf.CORERelocationMetadata(iter.Ins); relo != nil {
			records = append(records, record{relo, *iter.Ins, function, int(iter.Offset - start)})
		}
	}
	return records
}

// grouped puts records of one local type together, local type ids each by itself and in order.
func grouped(records []record) [][]record {
	var groups [][]record
	at := make(map[string]int)
	for _, found := range records {
		text := found.relo.String()
		id := text[strings.LastIndex(text, "local_id=")+len("local_id="):]
		if _, err := strconv.Atoi(strings.TrimSuffix(id, ")")); err != nil {
			panic("the library writes records otherwise: " + text)
		}
		if strings.HasPrefix(text, "CORERelocation(local_type_id,") {
			groups = append(groups, []record{found})
			continue
		}
		number, ok := at[id]
		if !ok {
			number, at[id] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[number] = append(groups[number], found)
	}
	return groups
}

func applied(fixup btf.COREFixup, ins asm.Instruction, bo binary.ByteOrder) (code string, problem string) {
	if err := fixup.Apply(&ins); err != nil {
		return "", err.Error()
	}
	var buffer bytes.Buffer
	if _, err := ins.Marshal(&buffer, bo); err != nil {
		return "", "marshal: " + err.Error()
	}
	return hex.EncodeToString(buffer.Bytes()), ""
}
