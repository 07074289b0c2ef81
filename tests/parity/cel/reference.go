// Evaluates the expressions of standard input with the API server's own CEL environment, for tests/parity/cel/make_reference.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/openapi"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/yaml"
)

const minor = 36

type object struct {
	Name   string      `json:"name"`
	Schema spec.Schema `json:"schema"`
	Value  interface{} `json:"value"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, "\\x%02x", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// One line for every value; the same as tests/support/cel_text.h writes.
func text(v ref.Val) string {
	switch v := v.(type) {
	case types.Null:
		return "null"
	case types.Bool, types.Int:
		return fmt.Sprint(v.Value())
	case types.Uint:
		return fmt.Sprintf("%du", uint64(v))
	case types.Double:
		return "double " + strconv.FormatFloat(float64(v), 'g', -1, 64)
	case types.String:
		return quoted(string(v))
	case types.Bytes:
		return fmt.Sprintf("bytes %x", []byte(v))
	case types.Duration, types.Timestamp:
		return v.(ref.Val).Type().TypeName() + " " + string(v.(ref.Val).ConvertToType(types.StringType).(types.String))
	case *types.Type:
		return "type " + v.TypeName()
	case *types.Optional:
		if !v.HasValue() {
			return "none"
		}
		return "some " + text(v.GetValue())
	case traits.Mapper:
		var entries []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			entries = append(entries, text(key)+": "+text(v.Get(key)))
		}
		sort.Strings(entries)
		return "{" + strings.Join(entries, ", ") + "}"
	case traits.Lister:
		var items []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			items = append(items, text(it.Next()))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case apiservercel.IP:
		return "ip " + v.Addr.String()
	case apiservercel.CIDR:
		return "cidr " + v.Prefix.String()
	}
	return v.Type().TypeName()
}

func environmentOf(o object) (*cel.Env, ref.Val) {
	schema := &openapi.Schema{Schema: &o.Schema}
	declared := openapi.SchemaDeclType(&o.Schema, false).MaybeAssignTypeName("selfType")
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, minor)).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        []cel.EnvOption{cel.Variable("self", declared.CelType())},
		DeclTypes:         []*apiservercel.DeclType{declared},
	})
	must(err)
	_ = schema
	return set.StoredExpressionsEnv(), openapi.UnstructuredToVal(o.Value, &o.Schema)
}

func outcome(env *cel.Env, self ref.Val, expression string) (string, string) {
	ast, issues := env.Compile(expression)
	if issues != nil {
		return "refused", ""
	}
	program, err := env.Program(ast)
	if err != nil {
		return "refused", ""
	}
	value, _, err := program.Eval(map[string]interface{}{"self": self})
	if err != nil {
		return "error", ""
	}
	return "value", text(value)
}

// JSON numbers that are whole are int64, as the API server reads them.
func whole(v interface{}) interface{} {
	switch v := v.(type) {
	case map[string]interface{}:
		for key := range v {
			v[key] = whole(v[key])
		}
	case []interface{}:
		for i := range v {
			v[i] = whole(v[i])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return v
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	must(err)
	var objects []object
	must(yaml.Unmarshal(data, &objects))
	envs, selves := map[string]*cel.Env{}, map[string]ref.Val{}
	for _, o := range objects {
		o.Value = whole(o.Value)
		envs[o.Name], selves[o.Name] = environmentOf(o)
	}
	current := ""
	for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
		line := scanner.Text()
		if name, found := strings.CutPrefix(line, "## "); found {
			current = name
			if envs[current] == nil {
				must(fmt.Errorf("there is no object %q", current))
			}
			continue
		}
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		kind, value := outcome(envs[current], selves[current], line)
		fmt.Printf("%s\t%s\t%s\t%s\n", current, line, kind, value)
	}
}
