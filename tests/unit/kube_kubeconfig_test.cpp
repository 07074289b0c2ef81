// Kubeconfig files: which count, how they merge, and what is refused with which words.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/kube/auth.h"
#include "core/kube/kubeconfig.h"
#include "tests/support/fake_http.h"
#include "tests/support/worlds.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

constexpr const char* basic = R"(apiVersion: v1
kind: Config
current-context: here
clusters:
- name: c
  cluster: {server: "https://one:6443", certificate-authority: ca.crt}
contexts:
- name: here
  context: {cluster: c, user: u, namespace: team}
- name: other
  context: {cluster: c, user: u}
users:
- name: u
  user: {token: secret-token}
)";

struct World {
    test::FakeEnv env;
    test::MemoryFiles files;
    ConnectionFlags flags;

    World() {
        env.values["HOME"] = "/home/me";
        files.contents["/home/me/.kube/ca.crt"] = "-----BEGIN CERTIFICATE-----\n";
    }
    Connection connect() const { return connect_as(flags, env, files); }
    Error refusal() const {
        try {
            connect();
        } catch (const Error& error) {
            return error;
        }
        return {ErrorKind::bug, "it was accepted"};
    }
};

// A file with one cluster, user and context made of these bodies.
std::string config(const std::string& cluster, const std::string& user) {
    return "current-context: x\nclusters: [{name: x, cluster: {" + cluster +
           "}}]\ncontexts: [{name: x, context: {cluster: x, user: x}}]\n" + "users: [{name: x, user: {" + user +
           "}}]\n";
}

}  // namespace

TEST_CASE("kubeconfig: the file in the home folder is read, paths are relative to it") {
    World world;
    world.files.contents["/home/me/.kube/config"] = basic;
    const Connection connection = world.connect();
    CHECK(connection.context == "here");
    CHECK(connection.namespace_ == "team");
    CHECK(connection.cluster.server == "https://one:6443");
    CHECK(connection.cluster.ca.file == "/home/me/.kube/ca.crt");
    CHECK(connection.user.token == "secret-token");
    world.flags.context = "other";
    world.flags.namespace_ = "mine";
    CHECK(world.connect().context == "other");
    CHECK(world.connect().namespace_ == "mine");
    world.flags.namespace_ = "No Such";
    CHECK(world.refusal().kind == ErrorKind::input);
}

TEST_CASE("kubeconfig: the list of files merges whole entries, the first wins") {
    World world;
    world.env.values["KUBECONFIG"] = "/a::/missing:/b:/a";
    world.files.contents["/a"] =
        "contexts: [{name: here, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: "
        "'https://a'}}]\n";
    world.files.contents["/b"] = std::string(basic);
    const Kubeconfig merged = load_kubeconfig("", world.env, world.files);
    CHECK(merged.files == std::vector<std::string>{"/a", "/missing", "/b"});
    CHECK(merged.missing == std::vector<std::string>{"/missing"});
    CHECK(merged.current_context == "here");
    const Connection connection = world.connect();
    CHECK(connection.cluster.server == "https://a");
    CHECK(!connection.cluster.ca.given());      // of the same entry in /b: entries are not mixed
    CHECK(connection.namespace_ == "default");  // nor the context's namespace
    CHECK(connection.user.token == "secret-token");
}

TEST_CASE("kubeconfig: --kubeconfig is the only file and must exist") {
    World world;
    world.env.values["KUBECONFIG"] = "/a";
    world.files.contents["/a"] = basic;
    world.flags.kubeconfig = "/gone";
    CHECK(world.refusal().message.find("/gone") != std::string::npos);
    world.flags.kubeconfig = "/empty";
    world.files.contents["/empty"] = " \n";
    CHECK(world.refusal().kind == ErrorKind::not_found);
}

TEST_CASE("kubeconfig: files of KUBECONFIG that are all missing are named, also in a pod") {
    World world;
    world.files.contents["/home/me/.kube/config"] = basic;
    world.files.contents["/var/run/secrets/kubernetes.io/serviceaccount/token"] = "t";
    world.env.values["KUBERNETES_SERVICE_HOST"] = world.env.values["KUBERNETES_SERVICE_PORT"] = "1";
    world.env.values["KUBECONFIG"] = "/gone:/away";
    const Error error = world.refusal();
    CHECK(error.kind == ErrorKind::input);
    CHECK(error.message == "KUBECONFIG names no file that exists: /gone, /away");
    CHECK(!error.hint.empty());
    world.env.values["KUBECONFIG"] = ":";
    CHECK(world.connect().context == "here");
}

TEST_CASE("kubeconfig: without any, one sentence says where it was looked for and what to do") {
    World world;
    const char* message =
        "there is no kubeconfig: /home/me/.kube/config does not exist, and this is no pod of a cluster";
    CHECK(world.refusal().message == message);
    CHECK(world.refusal().hint.find("--kubeconfig") != std::string::npos);
    world.flags.context = "here";
    CHECK(world.refusal().message == message);
    world.env.values.erase("HOME");
    CHECK(world.refusal().message.find("neither KUBECONFIG nor HOME is set") != std::string::npos);
}

TEST_CASE("kubeconfig: in a pod without a kubeconfig the service account is used") {
    World world;
    world.env.values["KUBERNETES_SERVICE_HOST"] = "fd00::1";
    world.env.values["KUBERNETES_SERVICE_PORT"] = "443";
    const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
    CHECK(world.refusal().kind == ErrorKind::not_found);
    world.files.contents[folder + "token"] = "t\n";
    world.files.contents[folder + "namespace"] = "pods\n";
    const Connection connection = world.connect();
    CHECK(connection.cluster.server == "https://[fd00::1]:443");
    CHECK(connection.namespace_ == "pods");
    CHECK_THROWS_AS(http_options(connection, world.files), Error);  // the CA cannot be read: that is fatal
    world.env.values["POD_NAMESPACE"] = "named";
    CHECK(world.connect().namespace_ == "named");
    world.files.contents["/home/me/.kube/config"] = "clusters: [}";  // a broken file is no reason to use the account
    CHECK(world.refusal().kind == ErrorKind::input);
    world.files.contents["/home/me/.kube/config"] = basic;
    CHECK(world.connect().context == "here");
}

TEST_CASE("kubeconfig: a server without a scheme is spoken to as kubectl does, by what is said of TLS") {
    const std::pair<std::string, std::string> cases[] = {
        {config("server: '10.0.0.1:6443'", "token: t"), "http://10.0.0.1:6443"},
        {config("server: 'localhost:8080'", ""), "http://localhost:8080"},
        {config("server: 'host'", ""), "http://host"},
        {config("server: '[::1]:6443', insecure-skip-tls-verify: true", ""), "https://[::1]:6443"},
        {config("server: 'host:6443/', certificate-authority: ca.crt", ""), "https://host:6443/"},
        {config("server: 'host:6443'", "client-certificate: ca.crt, client-key: ca.crt"), "https://host:6443"},
        {config("server: 'https://host:6443/prefix'", ""), "https://host:6443/prefix"},
    };
    for (const auto& [text, server] : cases) {
        World world;
        world.files.contents["/home/me/.kube/config"] = text;
        CHECK(world.connect().cluster.server == server);
    }
    World world;  // a path needs a scheme before it
    world.files.contents["/home/me/.kube/config"] = config("server: 'host:6443/prefix'", "");
    CHECK(world.refusal().message.find("is no URL that can be used") != std::string::npos);
}

TEST_CASE("kubeconfig: what cannot be used is refused with its place") {
    struct Case {
        const char* name;
        std::string text;
        const char* message;
    };
    const std::string good = "server: 'https://s'";
    const Case cases[] = {
        {"no context", "clusters: [{name: c, cluster: {server: 'https://s'}}]\n", "no current-context"},
        {"unknown context", "current-context: hree\n" + std::string(basic).substr(std::string(basic).find("clusters")),
         "no context \"hree\""},
        {"unknown cluster", "current-context: x\ncontexts: [{name: x, context: {cluster: near}}]\n",
         "cluster \"near\""},
        {"unknown user",
         "current-context: x\nclusters: [{name: near, cluster: {server: 'https://s'}}]\ncontexts: [{name: x, context: "
         "{cluster: near, user: z}}]\n",
         "user \"z\""},
        {"no server", config("", ""), "has no server"},
        {"server is no URL", config("server: 'ftp://x'", ""), "no URL"},
        {"proxy is no URL", config(good + ", proxy-url: nowhere", ""), "proxy-url"},
        {"insecure with a CA", config(good + ", insecure-skip-tls-verify: true, certificate-authority: /ca", ""),
         "both"},
        {"token and password", config(good, "token: a, username: b, password: secret"), "both a token and a password"},
        {"certificate without key", config(good, "client-certificate: /c"), "certificate without its key"},
        {"key without certificate", config(good, "client-key: /c"), "key without its certificate"},
        {"bad base64", config(good, "client-certificate-data: '%%', client-key: /k"), "base64"},
        {"exec without command",
         config(good, "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}"), "no command"},
        {"exec without version", config(good, "exec: {command: c}"), "no apiVersion"},
        {"exec of an old version",
         config(good, "exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}"), "v1beta1"},
        {"exec without mode", config(good, "exec: {command: c, apiVersion: client.authentication.k8s.io/v1}"),
         "interactiveMode"},
        {"exec with a wrong mode",
         config(good, "exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Maybe}"),
         "interactiveMode"},
        {"exec with a nameless variable",
         config(good, "exec: {command: c, apiVersion: client.authentication.k8s.io/v1beta1, env: [{value: v}]}"),
         "variable"},
        {"groups without a user to be", config(good, "as-groups: [g]"), "without as"},
        {"line end in a token", config(good, "token: \"a\\r\\nX: y\""), "control characters"},
        {"wrong type", config("server: [1]", ""), "must be a string"},
        {"wrong type of a list", "clusters: {a: b}\n", "must be a list"},
        {"same name twice", "users: [{name: a}, {name: a}]\n", "twice"},
        {"no map", "- a\n", "must be a map"},
        {"broken YAML", "clusters: [}\n", ""},
    };
    for (const Case& one : cases) {
        CAPTURE(one.name);
        World world;
        world.files.contents["/home/me/.kube/config"] = one.text;
        const Error error = world.refusal();
        CHECK(error.kind == ErrorKind::input);
        CHECK_MESSAGE(error.message.find(one.message) != std::string::npos, error.message);
        CHECK(error.where.file == "/home/me/.kube/config");
        CHECK(error.message.find("secret") == std::string::npos);
    }
}

TEST_CASE("kubeconfig: a URL that libcurl cannot read is refused, without its password") {
    const std::pair<std::string, std::string> cases[] = {
        {"server: 'https://s', proxy-url: 'http://u:a/secret@proxy:3128'", "the proxy-url \"http://proxy:3128\""},
        {"server: 'https://s', proxy-url: 'http://u:12/secret@proxy:3128'", "the proxy-url \"http://proxy:3128\""},
        {"server: 'https://u:a/secret@s'", "the server \"https://s\""},
        {"server: 'https://s:port'", "the server \"https://s:port\""},
    };
    for (const auto& [cluster, message] : cases) {
        World world;
        world.files.contents["/home/me/.kube/config"] = config(cluster, "");
        const Error error = world.refusal();
        CHECK(error.kind == ErrorKind::input);
        CHECK_MESSAGE(error.message == message + " is no URL that can be used", error.message);
    }
}

TEST_CASE("kubeconfig: an unknown context names the nearest one") {
    World world;
    world.files.contents["/home/me/.kube/config"] = basic;
    world.flags.context = "othr";
    CHECK(world.refusal().hint == "did you mean \"other\"?");
}

TEST_CASE("kubeconfig: a certificate authority that is missing or no PEM is refused before anything is sent") {
    World world;
    world.files.contents["/home/me/.kube/config"] = basic;
    world.files.contents["/home/me/.kube/ca.crt"] = "no certificate";
    CHECK_THROWS_WITH_AS(http_options(world.connect(), world.files),
                         "the certificate authority of cluster \"c\" holds no PEM certificate", Error);
    world.files.contents.erase("/home/me/.kube/ca.crt");
    try {
        http_options(world.connect(), world.files);
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message.find("/home/me/.kube/ca.crt") != std::string::npos);
        CHECK(error.where.file == "/home/me/.kube/config");
        CHECK(error.where.line > 0);
    }
}

TEST_CASE("kubeconfig: inline data wins over files") {
    World world;
    world.files.contents["/home/me/.kube/config"] = config(
        "server: 'https://s', certificate-authority: /gone, certificate-authority-data: "
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K",
        "");
    CHECK(http_options(world.connect(), world.files).ca == "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
}

TEST_CASE(
    "kubeconfig: an auth-provider is refused with what has taken its place, unless there is something else to send") {
    struct Case {
        const char *provider, *hint;
    };
    const Case cases[] = {{"gcp", "gke-gcloud-auth-plugin"},
                          {"azure", "kubelogin convert-kubeconfig"},
                          {"oidc", "kubectl oidc-login"},
                          {"openstack", "client-keystone-auth"},
                          {"else", "exec plugin"}};
    for (const Case& one : cases) {
        CAPTURE(one.provider);
        World world;
        const std::string provider =
            std::string("auth-provider: {name: ") + one.provider + ", config: {access-token: secret}}";
        world.files.contents["/home/me/.kube/config"] = config("server: 'https://s'", provider);
        const Error error = world.refusal();
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message == std::string("user \"x\" has the auth-provider \"") + one.provider +
                                   "\": exec plugins have taken the place of those");
        CHECK_MESSAGE(error.hint.find(one.hint) != std::string::npos, error.hint);
        CHECK(error.where.line > 0);
        for (const char* other : {"token: t", "tokenFile: /t", "client-certificate: /c, client-key: /k",
                                  "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: c}"}) {
            world.files.contents["/home/me/.kube/config"] =
                config("server: 'https://s'", provider + ", " + std::string(other));
            CHECK_MESSAGE(world.connect().context == "x", other);
        }
    }
    World world;
    for (const char* odd : {"auth-provider: gcp", "auth-provider: {name: [gcp]}", "auth-provider: {}"}) {
        world.files.contents["/home/me/.kube/config"] = config("server: 'https://s'", odd);
        CHECK(world.refusal().kind == ErrorKind::input);
    }
}

TEST_CASE("kubeconfig: entries are read whole from the file that has them first, with paths relative to that file") {
    World world;
    world.env.values["KUBECONFIG"] = "/a/config:/b/config";
    world.files.contents["/a/config"] = "current-context: x\ncontexts: [{name: x, context: {cluster: x, user: x}}]\n";
    world.files.contents["/b/config"] =
        config("server: 'https://s', certificate-authority: certs/ca.crt",
               "client-certificate: me.crt, client-key: /abs/me.key, tokenFile: ../token, "
               "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: bin/login}");
    const Connection connection = world.connect();
    CHECK(connection.cluster.ca.file == "/b/certs/ca.crt");
    CHECK(connection.user.certificate.file == "/b/me.crt");
    CHECK(connection.user.key.file == "/abs/me.key");
    CHECK(connection.user.token_file == "/b/../token");
    CHECK(connection.user.exec->command == "/b/bin/login");
    world.files.contents["/b/config"] =
        config("server: 'https://s'", "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login}");
    CHECK(world.connect().user.exec->command == "login");  // by PATH
}

TEST_CASE("kubeconfig: an empty or partial one leaves what is missing to be told") {
    World world;
    for (const char* text : {"", "\n", "# nothing\n", "{}", "apiVersion: v1\nkind: Config\n", "clusters:\nusers:\n"}) {
        CAPTURE(std::string(text));
        world.files.contents["/home/me/.kube/config"] = text;
        CHECK(world.refusal().kind == ErrorKind::not_found);
        CHECK(!world.refusal().hint.empty());
    }
    world.files.contents["/home/me/.kube/config"] = "current-context: gone\n";
    CHECK(world.refusal().kind == ErrorKind::input);
}
