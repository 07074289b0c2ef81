// Which parts of a text are credentials, and which only look so.
#include <doctest/doctest.h>

#include "core/base/masking.h"

using ktrain::without_secrets;

TEST_CASE("masking: what looks like a credential is hidden, and the rest stays") {
    struct Row {
        const char *text, *shown;
    };
    for (const Row& row : {
             Row{"HF_TOKEN=hf_abcdefghijklmnopqrst", "HF_TOKEN=***"},
             Row{"login with password: hunter2hunter2, then", "login with password: ***, then"},
             Row{"password = 'two words' x", "password = '***' x"},
             Row{R"({"api_key": "hunter2", "n": 1})", R"({"api_key": "***", "n": 1})"},
             Row{"Authorization: Bearer abcdefghijklmnopqrstuv", "Authorization: Bearer ***"},
             Row{"X-Auth-Token: Bearer abcdefghijkl", "X-Auth-Token: Bearer ***"},
             Row{"cloning https://me:s3cr3tpass@github.com/x", "cloning https://me:***@github.com/x"},
             Row{"a://u:pass1@h b://v:pass2@i", "a://u:***@h b://v:***@i"},
             Row{"train.py --token hunter2 --lr 1", "train.py --token *** --lr 1"},
             Row{"['train.py', '--hub-token', 'hunter2']", "['train.py', '--hub-token', '***']"},
             Row{"key AKIAABCDEFGHIJKLMNOP", "key ***"},
             Row{"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl here", "got *** here"},
             Row{"AWS_SECRET_ACCESS_KEY hunter2hunter2", "AWS_SECRET_ACCESS_KEY ***"},
             Row{"the password is hunter2hunter2, try it", "the password is ***, try it"},
             Row{"DB_PASSWORD was \"two words\"", "DB_PASSWORD was \"***\""},
             Row{"password is swordfish", "password is ***"},
             Row{"user=me pwd=hunter2", "user=me pwd=***"},
             // A word may be a password, and what is no sentence is a value.
             Row{"password: swordfish for all", "password: *** for all"},
             Row{"HF_TOKEN: swordfish for all", "HF_TOKEN: *** for all"},
             Row{"token: swordfish", "token: ***"},
             Row{"token: hunter2 for all", "token: *** for all"},
             Row{"token: hunterhunterhunter for all", "token: *** for all"},
             Row{"token: \"swordfish\" for all", "token: \"***\" for all"},
             Row{"token:swordfish for all", "token:*** for all"},
             Row{"token=unexpected status", "token=*** status"},
             Row{"secret: swordfish user: bob", "secret: *** user: bob"},
             Row{"api_key: swordfish region: us", "api_key: *** region: us"},
             Row{"auth_token: Swordfish is wrong", "auth_token: *** is wrong"},
             Row{"db_pass: swordfish host: x", "db_pass: *** host: x"},
             Row{"password: swordfish: next thing", "password: *** next thing"},
             Row{"token: 123 is it", "token: *** is it"},
             Row{"token: 4010 Unauthorized", "token: *** Unauthorized"},
             Row{"token=***", "token=***"},
             Row{"-----BEGIN RSA PRIVATE KEY-----", "***"},
             Row{"password=", "password="},
             Row{"a=\"b", "a=\"b"},
         }) {
        CHECK(without_secrets(row.text) == row.shown);
        CHECK(without_secrets(row.shown) == row.shown);
    }
}

TEST_CASE("masking: names without values, and values without secret names, are shown") {
    for (const char* text :
         {"step 3 loss 2.1",
          "eos_token: </s>",
          "max_tokens=4096",
          "couldn't find key API_KEY in Secret team/creds",
          R"(MountVolume.SetUp failed for volume "hf-token" : secret "hf" not found)",
          "spec.template.spec.containers[0].env[2].valueFrom.secretKeyRef.key: Required value",
          "references non-existent secret key: hf",
          "train.py --token --lr 1",
          "HF_TOKEN is not set",
          "HF_TOKEN environment variable",
          "Basic use",
          "key: value",
          "example.org/train@sha256:0123456789abcdef",
          "",
          "--token",
          "FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (regcred)",
          "failed to fetch anonymous token: unexpected status from GET request to https://r/token: 401 Unauthorized",
          "unable to retrieve auth token: invalid username/password: unauthorized: authentication required",
          "your password is expired",
          "the password was incorrect",
          "password is not set",
          "PWD=/workspace/train2"})
        CHECK(without_secrets(text) == text);
}
