// Compiles expressions with the API server's own code of the places where they stand, for
// tests/parity/cel/make_reference: lines of standard input hold a place (condition, message, apply, patch or device),
// an expression and, where it reads one, that of variables.a; added is what is wrong with it, or "ok".
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	celgo "github.com/google/cel-go/cel"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	dracel "k8s.io/dynamic-resource-allocation/cel"
)

type accessor struct {
	name, expression string
	wanted           []*celgo.Type
}

func (a *accessor) GetExpression() string      { return a.expression }
func (a *accessor) ReturnTypes() []*celgo.Type { return a.wanted }
func (a *accessor) GetName() string            { return a.name }

var wanted = map[string]*celgo.Type{
	"condition": celgo.BoolType,
	"message":   celgo.StringType,
	"apply":     celgo.ObjectType("Object"),
	"patch":     celgo.ListType(celgo.ObjectType("JSONPatch")),
}

func policyProblem(place, expression, variable string) string {
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		return err.Error()
	}
	options := cel.OptionalVariableDeclarations{HasParams: true, HasAuthorizer: true}
	if variable != "" {
		a := &accessor{"a", variable, []*celgo.Type{celgo.AnyType, celgo.DynType}}
		if made := compiler.CompileAndStoreVariable(a, options, environment.NewExpressions); made.Error != nil {
			return "variables.a: " + made.Error.Detail
		}
	}
	options.HasPatchTypes = place == "apply" || place == "patch"
	options.HasAuthorizer = place != "message"
	asked := &accessor{"", expression, []*celgo.Type{wanted[place]}}
	if made := compiler.CompileCELExpression(asked, options, environment.NewExpressions); made.Error != nil {
		return made.Error.Detail
	}
	return ""
}

func main() {
	devices := dracel.GetCompiler(dracel.Features{EnableConsumableCapacity: true})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		cells := append(strings.Split(lines.Text(), "\t"), "")
		detail := ""
		if cells[0] == "device" {
			new := environment.NewExpressions
			if err := devices.CompileCELExpression(cells[1], dracel.Options{EnvType: &new}).Error; err != nil {
				detail = err.Detail
			}
		} else {
			detail = policyProblem(cells[0], cells[1], cells[2])
		}
		detail, _, _ = strings.Cut(strings.Replace(detail, "compilation failed: ERROR: ", "", 1), "\n")
		if detail == "" {
			detail = "ok"
		}
		fmt.Printf("%s\t%s\t%s\t%s\n", cells[0], cells[1], cells[2], detail)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "places:", err)
		os.Exit(1)
	}
}
