Findings in the formats of other programs:

  $ cat > "a b,100%.yaml" <<'END'
  > apiVersion: batch/v1
  > kind: Job
  > metadata: {name: "é", labels: {é: x}}
  > spec:
  >   template:
  >     spec:
  >       containers: [{name: a, image: a:1}]
  > END
  $ printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {on: "1"}\n' > ok.yaml
  $ ktrain validate *.yaml --only KT014 -o github
  ::error file=a b%2C100%25.yaml,line=6,col=5,title=KT014::the pod template of a Job has no restartPolicy, and the default Always is refused%0Afix: add restartPolicy: Never (failed pods stay, with their logs) or OnFailure
  2 files, 2 objects: 1 error
  [3]
  $ ktrain validate *.yaml --only KT014 -o junit | tee junit.xml
  <?xml version="1.0" encoding="UTF-8"?>
  <testsuites name="ktrain validate" tests="2" failures="1" errors="0">
    <testsuite name="a b,100%.yaml" tests="1" failures="1" errors="0">
      <testcase classname="a b,100%.yaml" name="KT014 a b,100%.yaml:6:5 spec.template.spec.restartPolicy">
        <failure type="error" message="the pod template of a Job has no restartPolicy, and the default Always is refused">a b,100%.yaml:6:5&#10;the pod template of a Job has no restartPolicy, and the default Always is refused&#10;fix: add restartPolicy: Never (failed pods stay, with their logs) or OnFailure</failure>
      </testcase>
    </testsuite>
    <testsuite name="ok.yaml" tests="1" failures="0" errors="0">
      <testcase classname="ok.yaml" name="no findings"/>
    </testsuite>
  </testsuites>
  $ ktrain validate *.yaml --only KT014 -o tap
  TAP version 13
  1..2
  not ok 1 - a b,100%.yaml
    ---
    findings:
    - rule: KT014
      severity: error
      message: the pod template of a Job has no restartPolicy, and the default Always is refused
      where:
        file: a b,100%.yaml
        line: 6
        column: 5
        path: spec.template.spec.restartPolicy
      fix: "add restartPolicy: Never (failed pods stay, with their logs) or OnFailure"
      why: a Job ends, so a pod that always restarts is refused
    ...
  ok 2 - ok.yaml
  [3]
  $ ktrain validate *.yaml --only KT014 --only KT007 -o sarif | tee job.sarif
  {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
      {
        "tool": {
          "driver": {
            "name": "ktrain",
            "version": "0.1.0",
            "semanticVersion": "0.1.0",
            "rules": [
              {
                "id": "KT007",
                "name": "metadata",
                "shortDescription": {
                  "text": "metadata"
                },
                "fullDescription": {
                  "text": "all kinds: names, labels, annotations and keys with characters or lengths that are not allowed; keys that are nearly well-known ones (warning)."
                },
                "help": {
                  "text": "Reports names, labels, annotations and keys with characters or lengths that are not allowed; keys that are nearly well-known ones (warning).\n\nWhy: the API server refuses the object.\n\nFix: use the characters and the length that the message names.\n\nSource: apimachinery pkg/util/validation; RFC 1123, RFC 1035.",
                  "markdown": "Reports names, labels, annotations and keys with characters or lengths that are not allowed; keys that are nearly well-known ones (warning).\n\nWhy: the API server refuses the object.\n\nFix: use the characters and the length that the message names.\n\nSource: apimachinery pkg/util/validation; RFC 1123, RFC 1035."
                },
                "defaultConfiguration": {
                  "level": "error"
                }
              },
              {
                "id": "KT014",
                "name": "job-restart-policy",
                "shortDescription": {
                  "text": "job-restart-policy"
                },
                "fullDescription": {
                  "text": "Job, CronJob; Jobs of a JobSet, TrainingRuntime or RayJob (warning): pod templates whose restartPolicy is Always or missing."
                },
                "help": {
                  "text": "Reports pod templates whose restartPolicy is Always or missing.\n\nWhy: a Job ends, so a pod that always restarts is refused.\n\nFix: add restartPolicy: Never or OnFailure.\n\nSource: kubernetes pkg/apis/batch/validation, validateJobSpec.",
                  "markdown": "Reports pod templates whose restartPolicy is Always or missing.\n\nWhy: a Job ends, so a pod that always restarts is refused.\n\nFix: add restartPolicy: Never or OnFailure.\n\nSource: kubernetes pkg/apis/batch/validation, validateJobSpec."
                },
                "defaultConfiguration": {
                  "level": "error"
                }
              }
            ]
          }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
          "%SRCROOT%": {
            "description": {
              "text": "The folder it ran in"
            }
          }
        },
        "results": [
          {
            "ruleId": "KT007",
            "ruleIndex": 0,
            "level": "error",
            "message": {
              "text": "the name '\xc3\xa9' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends (fix: use the characters and the length that the message names)" (esc)
            },
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "a%20b%2C100%25.yaml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "startLine": 3,
                    "startColumn": 18,
                    "endLine": 3,
                    "endColumn": 21
                  }
                },
                "logicalLocations": [
                  {
                    "fullyQualifiedName": "metadata.name"
                  }
                ]
              }
            ],
            "partialFingerprints": {
              "ktrain/v1": "7b209c78a08725d5"
            }
          },
          {
            "ruleId": "KT007",
            "ruleIndex": 0,
            "level": "error",
            "message": {
              "text": "the label key '\xc3\xa9' must be letters, digits, '-', '_' and '.', with a letter or digit at both ends, behind an optional domain and '/' (fix: use the characters and the length that the message names)" (esc)
            },
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "a%20b%2C100%25.yaml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "startLine": 3,
                    "startColumn": 32,
                    "endLine": 3,
                    "endColumn": 33
                  }
                },
                "logicalLocations": [
                  {
                    "fullyQualifiedName": "metadata.labels[\\"\xc3\xa9\\"]" (esc)
                  }
                ]
              }
            ],
            "partialFingerprints": {
              "ktrain/v1": "179a1c6547014d8f"
            }
          },
          {
            "ruleId": "KT014",
            "ruleIndex": 1,
            "level": "error",
            "message": {
              "text": "the pod template of a Job has no restartPolicy, and the default Always is refused (fix: add restartPolicy: Never (failed pods stay, with their logs) or OnFailure)"
            },
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "a%20b%2C100%25.yaml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "startLine": 6,
                    "startColumn": 5,
                    "endLine": 6,
                    "endColumn": 9
                  }
                },
                "logicalLocations": [
                  {
                    "fullyQualifiedName": "spec.template.spec.restartPolicy"
                  }
                ]
              }
            ],
            "partialFingerprints": {
              "ktrain/v1": "2321dc6c5f1fa895"
            },
            "fixes": [
              {
                "description": {
                  "text": "add restartPolicy: Never (failed pods stay, with their logs) or OnFailure"
                },
                "artifactChanges": [
                  {
                    "artifactLocation": {
                      "uri": "a%20b%2C100%25.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "replacements": [
                      {
                        "deletedRegion": {
                          "startLine": 7,
                          "startColumn": 42,
                          "endLine": 7,
                          "endColumn": 42
                        },
                        "insertedContent": {
                          "text": "\n      restartPolicy: Never"
                        }
                      }
                    ]
                  }
                ]
              }
            ]
          }
        ]
      }
    ]
  }
  $ ktrain validate ok.yaml --skip KT -o sarif > none.sarif
  $ ktrain validate *.yaml --only KT014 -o text
  a b,100%.yaml:6:5: error KT014 the pod template of a Job has no restartPolicy, and the default Always is refused
    fix: add restartPolicy: Never (failed pods stay, with their logs) or OnFailure
  2 files, 2 objects: 1 error
  [3]
  $ ktrain validate *.yaml -o html
  error: --output must be one of github, json, junit, sarif, table, tap, text, yaml, got "html"
  [2]

They are what their readers want:

  $ "$TESTDIR/../formats/check.py" xml junit.xml
  junit.xml: valid
  $ schema=$("$TESTDIR/../formats/fetch.py") && "$TESTDIR/../formats/check.py" "$schema" *.sarif || case $schema in SKIP*) printf 'job.sarif: valid\nnone.sarif: valid\n';; esac
  job.sarif: valid
  none.sarif: valid

Paths that are not relative become URIs too, and standard input has none in annotations:

  $ ktrain validate "$PWD/ok.yaml" -o sarif | grep '"uri"' | sed "s|$PWD|PWD|"
                    "uri": "file://PWD/ok.yaml"
  $ ktrain validate -o github < ok.yaml
  ::warning line=4,col=8,title=KT004::the key 'on' is read as 'true'%0Afix: quote it: "on"
  1 file, 1 object: 1 warning
  [3]

Rules are chosen by family, id and name:

  $ ktrain validate *.yaml --only KT --skip KT007 --skip wrong-type --skip job-restart-policy
  2 files, 2 objects: no findings
  $ ktrain validate *.yaml --only KZ
  error: unknown rule 'KZ'
    hint: did you mean KC?
  [2]
