// Secrets, code from the network and images, wherever a kind keeps its containers; and budgets of JobSets.
#include <doctest/doctest.h>

#include "core/base/secret_names.h"
#include "core/lint/lint.h"

using namespace ktrain;

namespace {

lint::Report checked(const std::string& text, const std::string& rule) {
    return lint::check({{"a.yaml", text}}, {.only = {rule}});
}

// A Pod whose container has these lines.
std::string pod(const std::string& lines) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: a:1\n" +
           lines;
}

std::string script(const std::string& text) {
    return pod("    command: [bash, -c, " + Json(text).dump() + "]\n");
}

std::size_t found(const std::string& text, const std::string& rule) {
    return checked(text, rule).findings.size();
}

}  // namespace

TEST_CASE("names of secrets are known however they are written, and others are not") {
    for (const char* name : {"HF_TOKEN",      "--hub-token",
                             "PGPASSWORD",    "DB_PASS",
                             "MYSQL_PWD",     "OPENAI_APIKEY",
                             "hfToken",       "apiKey",
                             "WANDB_API_KEY", "dbPassword",
                             "token",         "SSH_PASSPHRASE",
                             "clientSecret",  "AWS_SECRET_ACCESS_KEY",
                             "db1Pass",       "oauth2Secret",
                             "TOKEN_",        "K8S_WANDB_KEY",
                             "GPT4O_KEY",     "H2O_KEY"}) {
        CAPTURE(name);
        CHECK(is_secret_name(name));
    }
    for (const char* name : {"TOKENIZER_PATH",
                             "MAX_TOKENS",
                             "PASSTHROUGH",
                             "KEY_COUNT",
                             "SSH_KEY_PATH",
                             "EOS_TOKEN",
                             "padToken",
                             "PADTOKEN",
                             "max_token",
                             "sortKey",
                             "s3Key",
                             "cache__key",
                             "primaryKey",
                             "PASS",
                             "PWD",
                             "OLDPWD",
                             "BYPASS",
                             "MONKEY",
                             "TOKENIZERS_PARALLELISM",
                             "PASSWORD_FILE",
                             "",
                             "_"}) {
        CAPTURE(name);
        CHECK_FALSE(is_secret_name(name));
    }
}

TEST_CASE("addresses with a password are known, and users and variables are not") {
    for (const char* text :
         {"postgres://user:pa55word@host/db", "psql 'postgres://u:correct@h:5432/db?x=y'", "redis://:correct@host",
          "git clone https://3f1c6a0e9b7d4c2fa8e5@git.local/a/b", "http://a/b https://oauth2:correct@git.local/a"}) {
        CAPTURE(text);
        CHECK_FALSE(password_in_address(text).empty());
    }
    for (const char* text :
         {"postgres://user@host/db", "https://git@github.local/a/b", "https://host:8080/path@x", "s3://bucket/a:b@c",
          "https://user:$TOKEN@host", "https://user:$(TOKEN)@host", "https://user:{{inputs.parameters.t}}@host",
          "https://user:***@host", "https://first.last-of-the-long-names2@host", "a:b@c", "://", "http://:@h"}) {
        CAPTURE(text);
        CHECK(password_in_address(text).empty());
    }
}

TEST_CASE("a JSON web token is known by its two parts") {
    CHECK(token_in("A: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln") == "a JSON web token");
    CHECK(token_in("eyJsZWFybmluZ19yYXRlIjogMX0=") == "");
}

TEST_CASE("KX602: numbers and addresses are secrets, too") {
    CHECK(found(pod("    env: [{name: DB_PASSWORD, value: 12345678}, {name: PIN_SECRET, value: '12345678'}]\n"),
                "KX602") == 2);
    CHECK(found(pod("    env: [{name: DB_PASSWORD, value: 1234}, {name: SEED, value: 12345678}]\n"), "KX602") == 0);
    CHECK(found(pod("    env: [{name: NUM_TOKEN, value: '20000000000'}]\n"), "KX602") == 0);
    const std::string address = "postgres://user:correct@host/db";
    CHECK(found(pod("    env: [{name: DATABASE_URL, value: '" + address + "'}]\n"), "KX602") == 1);
    CHECK(found(pod("    args: [--db=" + address + "]\n"), "KX602") == 1);
    CHECK(found(script("mlflow server --backend-store-uri " + address), "KX602") == 1);
    CHECK(found("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {url: '" + address + "'}\n", "KX602") ==
          1);
    const std::string number = pod("    args: [--password, 12345678, --port, 12345678]\n");
    CHECK(found(number, "KX602") == 1);
    const Diagnostics types = checked(number, "KT004").findings;
    const auto of_password =
        std::ranges::find_if(types, [](const Diagnostic& finding) { return finding.where.path.ends_with("[1]"); });
    REQUIRE(of_password != types.end());
    CHECK((of_password->message + of_password->fix).find("12345678") == std::string::npos);
    CHECK(found(pod("    args: ['postgres://user:<password>@host/db']\n"), "KX602") == 0);
}

TEST_CASE("KX602: secrets in flags and assignments of scripts are found, and no line shows one") {
    for (const char* text :
         {"python t.py --hub_token=correct-horse-battery", "python t.py --hub-token correct-horse-battery",
          "HF_TOKEN=correct-horse-battery python t.py", "export PGPASSWORD=correct-horse-battery; psql",
          "sh -c 'python t.py --api_key=correct-horse-battery'"}) {
        CAPTURE(text);
        const lint::Report report = lint::check({{"a.yaml", script(text)}}, {.only = {"KX602", "KX601", "KT003"}});
        REQUIRE(report.findings.size() == 1);
        CHECK(report.findings[0].excerpt == Excerpt::none);
        CHECK(report.findings[0].message.find("correct") == std::string::npos);
    }
    for (const char* text : {"python t.py --hub_token=$HF_TOKEN", "python t.py --hub_token=$(cat /run/token)",
                             "T=correct-horse-battery python t.py", "python t.py --token_file=correct-horse-battery",
                             "python t.py --hub_token --correct-horse-battery"}) {
        CAPTURE(text);
        CHECK(found(script(text), "KX602") == 0);
    }
    // Nor does another finding on that line.
    const std::string twice = script("pip install x && python t.py --hub_token=correct-horse-battery");
    const lint::Report report = lint::check({{"a.yaml", twice}}, {.only = {"KX602", "KX609"}});
    REQUIRE(report.findings.size() == 2);
    CHECK(report.findings[0].excerpt == Excerpt::none);
    CHECK(report.findings[1].excerpt == Excerpt::none);
    // A value that comes from the environment is reported there alone.
    const std::string both = "    env: [{name: HF_TOKEN, value: correct-horse-battery}]\n";
    CHECK(found(pod(both + "    command: [python, t.py, --hub_token=$(HF_TOKEN)]\n"), "KX602") == 1);
    CHECK(found(pod(both + "    command: [sh, -c, \"python t.py --hub_token=$HF_TOKEN\"]\n"), "KX602") == 1);
}

TEST_CASE("KX601, KX602, KX609, KX610: a TrainJob is checked as pods are") {
    const std::string job =
        "apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata: {name: a}\nspec:\n"
        "  runtimeRef: {name: torch-distributed}\n  initializer:\n    model:\n"
        "      env: [{name: HF_TOKEN, value: correct-horse-battery}]\n  trainer:\n    image: a:latest\n"
        "    command: [sh, -c, \"pip install x && python t.py --hub_token=correct-horse-battery\"]\n"
        "    env:\n    - {name: HF_TOKEN, value: correct-horse-battery}\n    - {name: HTTP_PROXY, value: http://p}\n";
    CHECK(found(job, "KX601") == 1);
    CHECK(found(job, "KX602") == 3);
    CHECK(found(job, "KX609") == 1);
    CHECK(found(job, "KX610") == 1);
}

TEST_CASE("KX609: whatever fetches code is found by the command that does it") {
    for (const char* text :
         {"curl -fsSL http://a/b | sudo bash", "curl http://a | sudo -E bash -s -- -y", "bash <(curl -s http://a)",
          "bash -c \"$(curl -fsSL http://a)\"", "source <(wget -qO- http://a)", "eval \"$(curl http://a)\"",
          "curl http://a | sed s/x/y/ | sh", "wget -qO- http://a | python3 -", "apt-get -y install git",
          "sudo apt-get -qq -o A=b install git", "pip3.11 install x", "python -m pip install x", "uv pip install x",
          "mamba install x", "yum install -y x", "dnf -y install x", "apk add --no-cache git",
          "git -C /a clone http://b", "cd a && /usr/bin/pip install -q x"}) {
        CAPTURE(text);
        CHECK(found(script(text), "KX609") == 1);
    }
    for (const char* text :
         {"echo pip install x", "python t.py --note 'git clone'", "curl http://a | tar xz",
          "curl http://a | python t.py", "curl http://a | python -m json.tool", "curl http://a | tar xz; cat x | sh",
          "pip install --no-index x", "pip list", "apt-get update", "git status", "uv run install",
          "bash t.sh $(curl http://a)", "cat x | bash", "diff <(curl http://a) x", "curl http://a -o x; bash y",
          "grep -q install /var/log/apt"}) {
        CAPTURE(text);
        CHECK(found(script(text), "KX609") == 0);
    }
}

TEST_CASE("KC801: jobs of a JobSet have deadlines of their own") {
    const auto set = [](const std::string& deadline, const std::string& restarts, const std::string& budget) {
        return "apiVersion: jobset.x-k8s.io/v1alpha2\nkind: JobSet\nmetadata:\n  name: a\n"
               "  annotations: {ktrain.dev/budget: \"" +
               budget + "\"}\nspec:\n" + restarts +
               "  replicatedJobs:\n  - name: w\n    replicas: 1\n    template:\n      spec:\n" + deadline +
               "        template:\n          spec:\n            restartPolicy: Never\n"
               "            nodeSelector: {node.kubernetes.io/instance-type: p4d.24xlarge}\n            containers:\n"
               "            - {name: a, image: \"a:1\", resources: {limits: {nvidia.com/gpu: 2}}}\n";
    };
    const std::string hours = "        activeDeadlineSeconds: 36000\n";  // some $55
    CHECK(found(set(hours, "", "100"), "KC801") == 0);
    CHECK(found(set("", "", "100"), "KC801") == 1);
    CHECK(found(set(hours, "", "10"), "KC801") == 1);
    CHECK(found(set(hours, "  failurePolicy: {maxRestarts: 3}\n", "100"), "KC801") == 1);
}

TEST_CASE("a line with a secret is shown by no finding, whatever was asked for") {
    const std::string text =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: b:1\n"
        "      args: [\"--hf_token=hf_abcdefghijklmnopqrstuvwxyz0123456789\", 7]\n";
    const lint::Selection selections[] = {{}, {.only = {"KT004"}}, {.skip = {"KX602"}}};
    for (const lint::Selection& selection : selections) {
        bool seen = false;
        for (const Diagnostic& d : lint::check({{"a.yaml", text}}, selection).findings) {
            if (d.where.line != 8) continue;
            seen = seen || d.rule == "KT004";
            CHECK(d.excerpt == Excerpt::none);
        }
        CHECK(seen);
    }
    const std::string suppressed = text.substr(0, text.size() - 1) + "  # ktrain:ignore KX602: a test\n";
    for (const Diagnostic& d : lint::check({{"a.yaml", suppressed}}).findings)
        if (d.where.line == 8) CHECK(d.excerpt == Excerpt::none);
}

TEST_CASE("KX602: what is named like a secret and is none is not reported") {
    for (const char* variable :
         {"S3_KEY, value: datasets/x.tar", "TAINT_KEY, value: nvidia.com/gpu", "CONFIGMAP_KEY, value: config.yaml",
          "TLS_SECRET, value: webhook-server-cert", "API_TOKEN, value: 'vault:secret/data/x#token'",
          "D_PASSWORD, value: 'arn:aws:secretsmanager:eu:1:secret:x'", "FORWARD_PASS, value: full-precision",
          "RUN, value: hf_accelerate_llama2_7b_finetuning_run1",
          "RUN, value: sk-learn-pipeline-random-forest-regression-2024",
          "URL, value: 'docker://busybox:1.36@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'",
          "URL, value: 'http://prom:9090&to=me@x.org'"})
        CHECK_MESSAGE(found(pod(std::string("    env: [{name: ") + variable + "}]\n"), "KX602") == 0, variable);
    CHECK(found(pod("    args: [--input_key, context_messages, --topology-key=topology.kubernetes.io/zone]\n"),
                "KX602") == 0);
    CHECK(found(pod("    env: [{name: RUN, value: hf_abcdefghijklmnopqrstuvwxyz0123456789}]\n"), "KX602") == 1);
    CHECK(found(pod("    env: [{name: APP_SECRET, value: correct-horse-7battery}]\n"), "KX602") == 1);
}

TEST_CASE("no message shows what its key calls a secret") {
    for (const char* text :
         {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {db_password: 8675309123}\n",
          "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a}\nspec: {selector: {}, "
          "endpoints: "
          "[{port: m, basicAuth: {password: p8675309}}]}\n",
          "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\nspec: {entrypoint: a, arguments: "
          "{parameters: "
          "[{name: db_password, value: 8675309}]}, templates: [{name: a, container: {image: 'a:1'}}]}\n"}) {
        const Diagnostics findings = checked(text, "KT004").findings;
        REQUIRE(!findings.empty());
        for (const Diagnostic& finding : findings)
            CHECK_MESSAGE((finding.message + std::string(finding.fix)).find("8675309") == std::string::npos,
                          finding.message);
    }
}
