// Compiles expressions with the API server's own code of the places where they stand, for
// tests/parity/cel/make_reference: lines of standard input hold a place (condition, message or device) and an
// expression; added is what is wrong with it, or "ok".
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
	expression string
	wanted     *celgo.Type
}

func (a *accessor) GetExpression() string      { return a.expression }
func (a *accessor) ReturnTypes() []*celgo.Type { return []*celgo.Type{a.wanted} }

func main() {
	admission := cel.NewCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	devices := dracel.GetCompiler(dracel.Features{EnableConsumableCapacity: true})
	options := cel.OptionalVariableDeclarations{HasParams: true, HasAuthorizer: true}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		place, expression, _ := strings.Cut(lines.Text(), "\t")
		detail := ""
		switch place {
		case "device":
			new := environment.NewExpressions
			if err := devices.CompileCELExpression(expression, dracel.Options{EnvType: &new}).Error; err != nil {
				detail = err.Detail
			}
		default:
			wanted := celgo.BoolType
			if place == "message" {
				wanted = celgo.StringType
			}
			result := admission.CompileCELExpression(&accessor{expression, wanted}, options, environment.NewExpressions)
			if result.Error != nil {
				detail = result.Error.Detail
			}
		}
		detail, _, _ = strings.Cut(strings.TrimPrefix(detail, "compilation failed: ERROR: "), "\n")
		if detail == "" {
			detail = "ok"
		}
		fmt.Printf("%s\t%s\n", lines.Text(), detail)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "places:", err)
		os.Exit(1)
	}
}
