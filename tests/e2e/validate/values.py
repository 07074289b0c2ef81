"""The values that the mutations put in place of valid ones."""
from yamltext import Raw

LONG = {count: "x" * count for count in (16, 58, 64, 254, 260)}

QUANTITIES = ["1Gib", "-1", "1.5.1", "10 Gi", "0.5", "1e3", "0x10", "", "1m", "1K", "100MB", "1,000", ".5", "5.", "+1",
              "1E", "1m1", "one", "0", "0.1m", "1e", "9223372036854775808", "1.5Gi", "1u", "100m", -1, 0, 1.5, 7, True,
              "1000000000000000000000", " 1", "1ki", "1gi", "3.0", "1000m", Raw("0777"), Raw("1e3"), Raw(".inf"),
              Raw("1_000"), Raw("0x10"), ".", "k", "1e-3", "1E3", "2.5k", "1Mi ", "0Gi", "00", "-0", "1n", "999999999999Ti",
              "1.1n", "12e", "1e+2", "1..2", "1Ki1", 2**63, 1e300, "1_0", "1 Gi"]

NUMBERS = [-1, 0, 1, 2, 101, 300, 512, 32768, 65536, 2147483647, 2147483648, -2147483649, 9223372036854775807,
           9223372036854775808, 1.5, 0.5, "5", "five", Raw("1.0"), Raw("1e0"), Raw("1e3"), Raw("1e20"), Raw("0777"),
           Raw("0x10"), Raw("0o17"), Raw("0b11"), Raw("1_000"), Raw(".inf"), Raw(".nan"), Raw("yes"), Raw("+5"),
           Raw("-0"), Raw("12:30:45"), Raw("08"), 3, 7, 255, 256, 1023, 1025, 49151, 65534, 4294967296, -32768, "0x5",
           "1e2", "true", "", None, Raw("1_0"), Raw("0b2"), Raw("1."), Raw("-.inf"), Raw("2e0"), Raw("!!int '5'"), Raw("0o8")]

RAW_BOOLEANS = ["yes", "on", "True", "TRUE", "y", "n", "off", "No", "1", "0", "t", "\"yes\"", "~", "tRUE", "NO", "Off",
                "Y", "N", "FALSE", "false ", "!!bool true", "!!str true", "+1", "truee", "\"\""]

RAW_STRINGS = ["yes", "on", "0777", "1e3", ".inf", "~", "2001-01-01", "12:30:45", "!!str 5", "y", "1.0", "0o17", "1_000",
               "0x1F", "NULL", "-.5", "'5'", "0888", "1.2.3", "True", "|\n          text\n", "no", "OFF", "-1", "+1", "1e",
               "0b1", "0xg", "1:2", "<<", "=", "2001-01-01T00:00:00Z", "!!binary YQ==", "!!bool yes", "!!float 1", "nan",
               ".NaN", "Null", "-"]

TEXTS = ["A_b", "-a", "a-", "a b", "a/b", "a.b", "a..b", "\u00e4", "a\nb", LONG[64], LONG[254], "UPPER", " a", "1",
         "/abs", "../up", "a:b", "*", "a,b", "a$b", "a_b", ".a", "a=b", "123", "1a", "a//b", "", LONG[16], "\t", "a/b/c",
         "example.org/a b", "a" * 63, "a" * 253, "A", "ab.", "x-", "$(A)", "{{a}}", "a%", "%", "a;b", "a&b", "null", "true", "~",
         "0", "-", "--", "_", "...", "a\x01b", "\u65e5\u672c", "a\r\nb", "a\\b", "'", "\"", "#a", "a#b", "a:b:c",
         "http://a/b?c=d", "a@b", "[a]", "1.2.3.4", "::1", "v1", "apps/v1", "a/", "/", "//", "a/-b"]

EXTRA_FIELDS = [("bogus", 1), ("name", "x"), ("labels", {"a": "b"}), ("status", {}), ("Name", "x"), ("replicas", 2),
                ("env", []), ("restartPolicy", "Never"), ("image", "x"), ("resources", {"limits": {"cpu": 1}}),
                ("x-note", "y"), ("securityContext", {"privileged": True}), ("none", None)]


def other_types(value):
    """Label and value of other types."""
    if isinstance(value, bool):
        return [("quoted", str(value).lower()), ("as 1", 1), ("as list", [value]), ("as map", {"a": value}),
                ("as text", "yes")]
    if isinstance(value, int):
        return [("quoted", str(value)), ("as bool", True), ("as list", [value]), ("as map", {"value": value}),
                ("as text", "abc"), ("fraction", value + 0.5)]
    if isinstance(value, str):
        return [("as 7", 7), ("as bool", True), ("as list", [value]), ("as map", {"value": value}), ("as 1.5", 1.5)]
    if isinstance(value, list):
        first = value[0] if value else "x"
        return [("as {}", {}), ("as text", "x"), ("as first", first), ("as map", {"a": first}), ("nested", [value]),
                ("as 7", 7)]
    return [("as text", "x"), ("as []", []), ("as list", [value]), ("as 3", 3), ("as false", False)]


NAMES = ["A_b", "-a", "a.b", "1a", LONG[58], LONG[64], LONG[254], "", "a_b", "Upper", "a--b", "a-", "a.", "a b"]
PORTS = [0, 1, -1, 65535, 65536, "80", "http", 80.5, "a_b", "UPPER", LONG[16], "a--b", "-a", Raw("0o120"), Raw("080")]
LABEL_KEYS = ["a b", "a/b/c", "/a", "a/", LONG[64], "UPPER", "_a", "Example.org/a", "example.org/A.b", "-a",
              "kubernetes.io/x"]
LABEL_VALUES = ["a b", LONG[64], "-a", "", "a/b", "A.b_c-d", "a-", "\u00e4", "*"]
PATHS = ["", "relative", "/", "/a:b", "../up", "/a/../b", "/a/./b", "a//b", "//", "/a b", "..", "..data", "a..b",
         "C:\\data", "~"]
IPS = ["10.0.0.256", "10.0.0", "::1", "fe80::1", "010.0.0.1", "10.0.0.1/8", "localhost", "", "0.0.0.0", "127.0.0.1",
       "224.0.0.1", "::ffff:10.0.0.1", "169.254.1.1"]
CIDRS = ["10.0.0.0", "10.0.0.0/33", "10.0.0.1/8", "::/0", "2001:db8::/32", "10.0.0.0/08", "", "any", "10.0.0.0/-1"]
IMAGES = ["", " ", "a b", " busybox", "busybox ", "UPPER/Image", "a:b:c", "http://x", "busybox:", "busybox@sha256:12",
          "a\nb"]
DOMAINS = ["a", "UPPER.example.org", "a_b.org", "*.example.org", "example.org.", "-a.org", "10.0.0.1", "*", "*.*.org",
           LONG[254], ""]
TIMES = ["now", "2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456Z", "2026-13-01T00:00:00Z", "",
         "2026-01-02T03:04:05.123456+02:00", "2026-01-02 03:04:05"]
PERCENTS = ["50%", "0%", "100%", "101%", "-1%", "50", "5 %", "half", "1.5%", "%", -1, 0, 1000, 1.5, ""]
ENV_NAMES = ["1A", "A B", "A=B", "A-B", "a.b", "", "\u00e4", "A_B", "A/B", "A\nB", "=", "$A"]
BASE64 = ["not base64!", "YQ", "YQ==", "YQ=", "Y Q==", "YQ==\n", "=", "", "YWJj-_", "YWJj/+", "=YQ="]
MODES = [-1, 0, 511, 512, Raw("0777"), Raw("0644"), Raw("0o644"), Raw("01000"), Raw("0888"), "0644", 1.5, 420,
         Raw("0x1FF")]
CEL = ["", "true", "1", "self ==", "device.driver", "nope == 1", "device.attributes['a'].b == 1",
       "object.spec.replicas > 1"]

FIELDS = {
    "accessModes": ["ReadWriteMany", "readWriteOnce", "RWO", "ReadWriteOncePod"],
    "action": ["FailJob", "Ignore", "Count", "FailIndex", "Retry", "RestartJobSet"],
    "add": ["ALL", "CAP_SYS_ADMIN", "net_admin", "NOPE", ""],
    "addresses": IPS + ["filer.example.org"],
    "addressType": ["IPv6", "FQDN", "ipv4", "IP"],
    "allocationMode": ["All", "all", "Some"],
    "apiGroup": ["", "core", "v1", "rbac.authorization.k8s.io/v1"],
    "apiGroups": ["", "*", "apps/v1"],
    "args": ["", 5, True, "a\nb"],
    "averageUtilization": [0, -1, 101, "80%"],
    "cidr": CIDRS,
    "claimName": ["A_b", "", "a.b", "a/b", LONG[254]],
    "clusterIP": ["None", "none", "10.96.0.20", "10.96.0.300", "10.0.0.1", "", "::1", "auto"],
    "command": ["", 5, False],
    "completionMode": ["NonIndexed", "indexed"],
    "concurrencyPolicy": ["Allow", "Replace", "forbid"],
    "conditionType": ["a b", "example.org/a/b", "Ready", ""],
    "containerName": ["nope", "", "A_b"],
    "containerPort": PORTS,
    "controller": ["", "a", "Example.org/A b"],
    "driver": ["", "a/b", "UPPER", LONG[64], "-a.b"],
    "deviceClassName": NAMES,
    "devicePath": PATHS,
    "effect": ["noSchedule", "", "NoExecute", "Never"],
    "except": CIDRS + ["11.0.0.0/8", "10.0.0.0/8"],
    "expression": CEL,
    "externalName": DOMAINS,
    "externalIPs": IPS,
    "fieldPath": ["metadata.nope", "status.podIP", "spec.nodeName", "metadata.labels['a b']", "metadata.labels['a']", "",
                  "name", "metadata.labels[a]", "metadata.annotations['A.b/c']", "metadata.uid", "status.hostIP",
                  "spec.containers[0].name"],
    "finalizers": ["hold", "a/b/c", "kubernetes", "example.org/hold", "a b", ""],
    "format": ["int64", "int31", "float"],
    "fsType": ["ext5", "", "EXT4"],
    "handler": NAMES,
    "host": DOMAINS,
    "hostIP": IPS,
    "hostnames": DOMAINS,
    "hosts": DOMAINS,
    "hostname": NAMES,
    "hostPort": PORTS,
    "image": IMAGES,
    "ip": IPS,
    "ipFamilies": ["IPv6", "ipv4"],
    "iqn": ["iqn.2001-04.com.example", "eui.0123456789abcdef", "naa.5000", "disk", ""],
    "key": LABEL_KEYS + [""],
    "kind": ["Nope", "", "pod", "A b"],
    "loadBalancerSourceRanges": CIDRS,
    "localhostProfile": ["/abs", "../up", "", "a/b.json"],
    "mountPath": PATHS,
    "mountPropagation": ["Bidirectional", "None", "bidirectional"],
    "mode": MODES,
    "defaultMode": MODES,
    "name": NAMES,
    "nameservers": IPS,
    "nodePort": [30080, 29999, 32767, 32768, 0, -1, "30080", 80],
    "nprocPerNode": ["auto", "gpu", "cpu", "0", "-1", "eight", 8, ""],
    "nonResourceURLs": ["metrics", "*", "/a/*", ""],
    "operator": ["in", "Equals", "Exists", "DoesNotExist", "Gt", "Lt", "In", "NotIn", "Equal", ""],
    "path": PATHS,
    "pathType": ["prefix", "Regex", "Exact", "Prefix", "ImplementationSpecific"],
    "pattern": ["[", "a{2", "", "^(?=a)"],
    "plural": NAMES,
    "podCIDR": CIDRS,
    "port": PORTS,
    "prefix": ENV_NAMES,
    "protocol": ["tcp", "HTTP", "UDP", "SCTP", ""],
    "procMount": ["Unmasked", "unmasked"],
    "provisioner": ["", "a b", "UPPER/x", "kubernetes.io/no-provisioner", LONG[64]],
    "replicas": [0, 1, 3, -1, 2147483648],
    "reference": ["", " ", "a b"],
    "request": BASE64 + ["nope"],
    "resource": ["limits.cpu", "requests.memory", "limits.nvidia.com/gpu", "limits.nope", "cpu", "limits.hugepages-2Mi",
                 ""],
    "resourceName": ["cpu", "memory", "nvidia.com/gpu", "disk"],
    "restartPolicy": ["Always", "OnFailure", "Never", "never", "ExitCode", "No", ""],
    "rule": ["self.replicas <= ", "self.nope == 1", "self.replicas", "true", ""],
    "schedule": ["* * * *", "@daily", "@every 1h", "61 * * * *", "* * * * * *", "0 0 1 1 8", "", "TZ=UTC * * * * *",
                 "*/5 * * * *", "0 25 * * *", "0 0 * JAN MON-FRI", "CRON_TZ=UTC 0 0 * * *", "0 0 31 2 *", "5-1 * * * *",
                 "@never", "*/0 * * * *", "? * * * *"],
    "scopeName": ["BestEffort", "priorityClass", "Terminating"],
    "scopes": ["Terminating", "bestEffort", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"],
    "searches": DOMAINS + ["."],
    "server": ["", "a b"],
    "serviceName": NAMES,
    "sessionAffinity": ["None", "clientIP"],
    "signerName": ["people", "example.org/", "/people", "Example.org/people", "kubernetes.io/kube-apiserver-client"],
    "status": ["true", "True", "False", "Unknown", "Ready", "Complete", ""],
    "storageClassName": ["A_b", "", "a/b"],
    "subPath": PATHS,
    "subPathExpr": PATHS + ["$(NOPE)", "$POD"],
    "subdomain": NAMES,
    "succeededIndexes": ["0", "5", "0-9", "3-1", "a", "", "0,0", "1,0", "0-", "0,2-3,"],
    "targetPort": PORTS,
    "targetPortal": ["10.0.2.15", "10.0.2.15:3260", "a b", ""],
    "timeZone": ["UTC", "Local", "Europe/Nowhere", "europe/berlin", "", "Etc/UTC", "UTC+1", "/Europe/Berlin", "../x",
                 "CET"],
    "topologyKey": LABEL_KEYS + [""],
    "type": ["opaque", "Localhost", "RuntimeDefault", "localhost", "ClusterIP", "NodePort", "OnDelete", "Recreate",
             "File", "pod", "", "Container", "Percent", "Resource", "kubernetes.io/dockercfg",
             "kubernetes.io/service-account-token", "Warning", "Utilization"],
    "usages": ["client auth", "digital", "any"],
    "value": LABEL_VALUES + [5, "$(NOPE)", "\u0000"],
    "values": LABEL_VALUES + ["5", "five", "-1"],
    "verbs": ["", "*", "GET", "fly"],
    "volumeMode": ["Block", "block", "File"],
    "whenUnsatisfiable": ["DoNotSchedule", "Maybe"],
    "weight": [0, 1, 100, 101, -1],
    "workingDir": ["", "relative"],
}
for field in ("acquireTime", "renewTime", "firstTimestamp"):
    FIELDS[field] = TIMES
for field in ("maxSurge", "maxUnavailable", "minAvailable", "maxUnavailable"):
    FIELDS[field] = PERCENTS
for field in ("token", "tls.crt", ".dockerconfigjson", "blob", "ssh-privatekey", "empty"):
    FIELDS[field] = BASE64

OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "u"}
METADATA = [
    ("name", NAMES),
    ("generateName", ["a-", "A_b", "", LONG[58], LONG[254], "-a"]),
    ("labels", [{key: "x"} for key in LABEL_KEYS] + [{"a": value} for value in LABEL_VALUES] +
     [{"a": 1}, {"a": True}, {"a": None}, {"a": ["b"]}, {"a": {"b": "c"}}, None, [], "a", {"": "x"}]),
    ("annotations", [{key: "x"} for key in LABEL_KEYS] +
     [{"a": 1}, {"a": None}, {"a": LONG[260] * 8}, {"a": "x" * 262145}, {"a": Raw("yes")}, {"a": {"b": "c"}}, None, {"": "x"}]),
    ("finalizers", [["hold"], ["example.org/hold"], ["a/b/c"], [""], "example.org/hold", [None],
                    ["foregroundDeletion", "orphan"]]),
    ("ownerReferences", [
        [OWNER],
        [{key: OWNER[key] for key in ("apiVersion", "kind", "name")}],
        [{key: OWNER[key] for key in ("kind", "name", "uid")}],
        [OWNER | {"kind": "Event"}],
        [OWNER | {"controller": True}, OWNER | {"uid": "v", "controller": True}],
        [OWNER | {"apiVersion": "a/b/c"}]]),
    ("creationTimestamp", [None, "2026-01-02T03:04:05Z", "yesterday", Raw("2026-01-02"), 5]),
    ("deletionTimestamp", ["2026-01-02T03:04:05Z"]),
    ("deletionGracePeriodSeconds", [5, -1, "5"]),
    ("generation", [1, -1, "1"]),
    ("resourceVersion", ["", "1", 1, "abc"]),
    ("uid", ["", "1234", 5]),
    ("selfLink", ["/x"]),
    ("clusterName", ["x"]),
    ("managedFields", [[], [{"manager": "x"}], [{"manager": "x", "operation": "Apply", "apiVersion": "v1",
                                                 "fieldsType": "FieldsV1", "fieldsV1": {}}]]),
    ("lables", [{"a": "b"}]),
    ("annotation", [{"a": "b"}]),
    ("Name", ["x"]),
    ("status", [{}])]


def headers(base):
    """Changes of what every object has; yields sort, path, label and edit."""
    group, version = ("", base["apiVersion"]) if "/" not in base["apiVersion"] else base["apiVersion"].split("/")
    for other in ("v1", "apps/v1", "batch/v1beta1", "v2", "", f"{group}/v9", f"{group}/{version}beta1", f"/{version}", "a/b/c", group,
                  f"{group}/{version.upper()}", 1, None, [], True):
        if other != base["apiVersion"]:
            yield "header", ("apiVersion",), f"={other}", ("set", ("apiVersion",), other)
    kind = base["kind"]
    for other in (kind.lower(), kind + "s", kind[:-1], kind + "List", "", "Pod", "Job", 5, None, ["Pod"], {"a": 1}):
        if other != kind:
            yield "header", ("kind",), f"={other}", ("set", ("kind",), other)
    for key in ("apiVersion", "kind", "metadata", "spec"):
        if key in base:
            yield "header", (key,), "drop", ("drop", (key,))
    for label, status in (("{}", {}), ("bogus", {"bogus": 1}), ("5", 5), ("text", "Running"), ("null", None), ("list", [])):
        yield "header", ("status",), f"={label}", ("set", ("status",), status)
    if "namespace" not in base["metadata"]:
        yield "header", ("metadata", "namespace"), "=corpus", ("set", ("metadata", "namespace"), "corpus")
    for key, found in METADATA:
        for number, value in enumerate(found):
            text = repr(value) if len(repr(value)) < 40 else f"{type(value).__name__} {number}"
            yield "metadata", ("metadata", key), f"={text}", ("set", ("metadata", key), value)


# Changes of the text itself: what is replaced (nothing: all of it, @) and by what.
DOCUMENTS = {
    "bom": [(b"", b"\xef\xbb\xbf@")],
    "utf-8 broken": [(b"image: ", b"image: a\xff\xfe")],
    "nul": [(b"image: ", b"image: a\x00b")],
    "crlf": [(b"\nkind", b"\r\nkind"), (b"\nmetadata", b"\r\nmetadata")],
    "tab": [(b"\n  name: ", b"\n\tname: ")],
    "duplicate key": [(b"kind: ", b"kind: Nope\nkind: ")],
    "duplicate key below": [(b"  name: ", b"  name: other\n  name: ")],
    "directive": [(b"", b"%YAML 1.1\n---\n@")],
    "document end": [(b"", b"---\n@...\n")],
    "comments": [(b"", b"# first\n@# last\n")],
    "anchor": [(b"name: main", b"name: &n main"), (b"image: ", b"image: *n # ")],
    "alias of nothing": [(b"name: main", b"name: *none")],
    "unclosed": [(b"image: ", b"image: [")],
    "unclosed quote": [(b"image: ", b"image: \"")],
    "binary tag": [(b"name: main", b"name: !!binary bWFpbg==")],
    "unknown tag": [(b"name: main", b"name: !main main")],
    "int tag": [(b"name: main", b"name: !!int main")],
}
