Records of runs, as `ktrain run` writes them, of a small model:

  $ mkdir model && printf '{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 1000}' > model/config.json
  $ cat > tune.yaml <<'END'
  > apiVersion: ktrain.dev/v1
  > kind: TrainingJob
  > metadata: {name: tune}
  > model: {model_name_or_path: ./model}
  > data: {dataset_path: rows.jsonl}
  > training: {per_device_train_batch_size: 4}
  > objective: {max_length: 256}
  > END
  $ cat > record.py <<'END'
  > """A run.json of tune.yaml with a batch, whose step held FACTOR of what is estimated."""
  > import json, subprocess, sys, yaml
  > folder, batch, factor = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
  > spec = yaml.safe_load(open("tune.yaml"))
  > spec["metadata"]["name"] = folder
  > spec["training"]["per_device_train_batch_size"] = batch
  > answer = json.loads(subprocess.run(["ktrain", "estimate", "tune.yaml", "--batch-size", str(batch), "-o", "json"], capture_output=True).stdout)
  > size = {line["label"]: line["bytes"] for line in answer["components"]}
  > step = size.pop("activations") + max(size.pop("logits"), size.pop("working set"))
  > memory = size | {"activations": step}
  > memory = {label: round(factor * count) for label, count in memory.items()} | {"process": 999999999}
  > json.dump({"name": folder, "spec": spec, "memory": memory}, open(f"{folder}/run.json", "w"))
  > END
  $ record() { mkdir -p $1 && /usr/bin/python3 record.py $1 $2 $3; }
  $ record one 4 1.2; record two 8 1.2; record three 2 1.1

One run moves a multiplier by a third, and is judged by itself:

  $ ktrain estimate --calibrate one/run.json
  RUN   FAMILY   COMPONENT     MEASURED   ESTIMATE     ERROR
  one   llama    weights        986 KiB    821 KiB   -16.7 %
  one   llama    gradients      986 KiB    821 KiB   -16.7 %
  one   llama    optimizer     1.92 MiB   1.60 MiB   -16.7 %
  one   llama    activations   11.6 MiB   9.70 MiB   -16.7 %
  one   llama    total         15.5 MiB   12.9 MiB   -16.7 %
  one: not compared, as no estimate has it: process
  
  FAMILY   RUNS   MEDIAN RATIO   MULTIPLIER   ERROR BEFORE    AFTER   OF
  all         1          1.200        1.067         16.7 %   11.1 %   the runs it is learned from
  llama       1          1.200        1.067         16.7 %   11.1 %   the runs it is learned from

From three on, each is judged by what the others teach; a folder stands for its record:

  $ ktrain estimate --calibrate one --calibrate two --calibrate three --to learned.json | sed -n '/^FAMILY/,$p'
  wrote learned.json; next: ktrain estimate --calibration learned.json
  FAMILY   RUNS   MEDIAN RATIO   MULTIPLIER   ERROR BEFORE    AFTER   OF
  all         3          1.200        1.120         16.7 %   10.4 %   each run by the others
  llama       3          1.200        1.120         16.7 %   10.4 %   each run by the others
  $ sed 's/\(\.[0-9]\{3\}\)[0-9]*/\1/' learned.json
  {
    "kind": "ktrain calibration",
    "version": 1,
    "multipliers": [
      {
        "family": null,
        "runs": 3,
        "median_ratio": 1.200,
        "multiplier": 1.120
      },
      {
        "family": "llama",
        "runs": 3,
        "median_ratio": 1.200,
        "multiplier": 1.120
      }
    ]
  }
  $ ktrain estimate --calibrate one --calibrate two -o json | /usr/bin/python3 -c 'import json, sys; c = json.load(sys.stdin); print([run["file"] for run in c["runs"]], c["runs"][0]["left_out"], round(c["runs"][0]["ratio"], 3), c["scores"][0]["unseen"], c["calibration"]["version"])'
  ['one/run.json', 'two/run.json'] ['process'] 1.2 False 1

Rows count as long as the longest of the run's data:

  $ mkdir short && cp one/run.json short && echo '{"longest": 64}' > short/dataset_info.json
  $ ktrain estimate --calibrate one --calibrate short | grep activations
  one   llama    activations   11.6 MiB   9.70 MiB   -16.7 %
  one   llama    activations   11.6 MiB   2.43 MiB   -79.2 %
  $ rm -r short

What was learned corrects other estimates, and is named:

  $ ktrain estimate tune.yaml -o json > before.json; ktrain estimate tune.yaml --calibration learned.json -o json > after.json
  $ /usr/bin/python3 - <<'END'
  > import json
  > before, after = json.load(open("before.json")), json.load(open("after.json"))
  > print(round(after["reserved_bytes"] / before["reserved_bytes"], 3), after["active_bytes"] == before["active_bytes"], after["components"] == before["components"])
  > print(after["margin"]); print(after["assumptions"][-1])
  > END
  1.12 True True
  the larger of 1.2 x in use and reserved, and 512 MiB for the context; what is not the context x 1.120, as calibrated
  reserved and recommended are multiplied by 1.120, from 3 runs of llama (learned.json); the components are not
  $ ktrain estimate --model qwen2.5-0.5b --calibration learned.json | tail -n 1
  - reserved and recommended are multiplied by 1.120, from 3 runs of any family (learned.json); the components are not
  $ ktrain estimate tune.yaml --calibration learned.json --profile docs
  error: --calibration is learned from what ktrain holds, by profile detailed
    hint: leave out --profile and --framework
  [2]
  $ ktrain estimate tune.yaml --calibration learned.json --gpu t4 --max-batch | tail -n 1
  reserved and recommended are multiplied by 1.120, from 3 runs of llama (learned.json)
  $ ktrain estimate tune.yaml --calibration learned.json --find 2> /dev/null | grep multiplied
  reserved and recommended are multiplied by 1.120, from 3 runs of llama (learned.json)
  $ ktrain estimate tune.yaml --calibration learned.json --gpu l4 --find -o json > found.json 2> /dev/null
  $ python3 -c 'import json; p = json.load(open("found.json"))["fastest"][0]; print(" ".join("--set " + s for s in p["set"]))' > lines
  $ eval "ktrain estimate tune.yaml --calibration learned.json -o json $(cat lines)" 2> /dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["recommended_bytes"] == json.load(open("found.json"))["fastest"][0]["recommended_bytes"])'
  True
  $ ktrain estimate tune.yaml --calibration learned.json --recommend
  error: the answer to this question does not follow --calibration
    hint: leave it out
  [2]

A record without its spec needs the spec, with the flags that the run had:

  $ /usr/bin/python3 - <<'END'
  > import json
  > run = json.load(open("one/run.json")); del run["spec"]; run["spec_digest"] = "0"
  > json.dump(run, open("bare.json", "w"))
  > END
  $ ktrain estimate --calibrate bare.json
  error: bare.json does not hold the spec of its run
    hint: give the run's spec as FILE, with the flags that the run had
  [2]
  $ ktrain estimate tune.yaml --calibrate bare.json
  error: the spec is not that of bare.json: its digest is another
    hint: give the run's spec as FILE, with the flags that the run had
  [2]

What cannot teach anything is named, with a remedy, and nothing is written:

  $ ktrain estimate --calibrate nothing.json
  error: cannot read nothing.json: No such file or directory
    hint: check the path
  [2]
  $ echo 'not: json' > bad.json; ktrain estimate --calibrate one --calibrate bad.json --to new.json; ls new.json 2> /dev/null
  error: syntax error while parsing value - invalid literal; last read: 'no'
    at bad.json:1:2
    hint: give the run.json of a run's output_dir, or that folder
  [2]
  $ echo '{"name": "x"}' > bad.json; ktrain estimate --calibrate bad.json
  error: bad.json does not say what its run held in memory
    hint: give the run.json of a run's output_dir, or that folder
  [2]
  $ sed 's/"weights"/"wheights"/' one/run.json > bad.json; ktrain estimate --calibrate bad.json
  error: bad.json has 1009152 of "wheights" in memory, which no run of this version logs
    hint: it is of another version of ktrain: train again with this one, or leave it out
  [2]
  $ sed 's/TrainingJob/Other/' one/run.json > bad.json; ktrain estimate --calibrate bad.json
  error: the spec in bad.json cannot be read: kind must be TrainingJob, got "Other"
    hint: it is of another version of ktrain: train again with this one, or leave it out
  [2]
  $ mv model elsewhere; ktrain estimate --calibrate one
  error: the run of one/run.json cannot be estimated: there is no folder ./model, and the catalog has no model of that name
    hint: run this where its model can be read by the same path, or leave it out
  [2]
  $ mv elsewhere model
  $ ktrain estimate --to new.json
  error: --to is for what --calibrate has learned
    hint: add --calibrate RUN
  [2]
  $ sed 's/"version": 1/"version": 2/' learned.json > bad.json; ktrain estimate tune.yaml --calibration bad.json
  error: bad.json is a calibration of version 2, this ktrain reads version 1
    hint: make it anew: ktrain estimate --calibrate output/run.json --to FILE
  [2]
  $ ktrain estimate tune.yaml --calibration one/run.json
  error: one/run.json is no calibration
    hint: make it anew: ktrain estimate --calibrate output/run.json --to FILE
  [2]
  $ ktrain estimate --calibrate one --to nowhere/new.json > /dev/null
  error: cannot write nowhere/new.json: No such file or directory
    hint: check the path
  [2]
