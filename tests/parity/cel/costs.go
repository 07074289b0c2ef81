// Estimates the cost of rules with the API server's own code, for tests/parity/cel/make_reference: lines of standard
// input hold the name of a schema of the file given and a rule; added are the cost, and how many such values an object
// may have.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "costs:", err)
		os.Exit(1)
	}
}

func compiled(external v1.JSONSchemaProps, rule string) cel.CompilationResult {
	external.XValidations = v1.ValidationRules{{Rule: rule}}
	var internal apiextensions.JSONSchemaProps
	must(v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &internal, nil))
	structural, err := schema.NewStructural(&internal)
	must(err)
	environments := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	results, err := cel.Compile(structural, model.SchemaDeclType(structural, false), celconfig.PerCallLimit,
		environments, cel.NewExpressionsEnvLoader())
	must(err)
	if results[0].Error != nil {
		must(fmt.Errorf("%s: %s", rule, results[0].Error.Detail))
	}
	return results[0]
}

func main() {
	content, err := os.ReadFile(os.Args[1])
	must(err)
	var schemas map[string]v1.JSONSchemaProps
	must(yaml.Unmarshal(content, &schemas))
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		result := compiled(schemas[cells[0]], cells[1])
		fmt.Printf("%s\t%d\t%d\n", lines.Text(), result.MaxCost, result.MaxCardinality)
	}
	must(lines.Err())
}
