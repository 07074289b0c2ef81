// The syntax of names, labels, keys and paths as apimachinery's validation has it.
#pragma once

#include <string>
#include <string_view>

namespace ktrain {

// Each returns what is wrong with the text, to follow its quotation in a message, or "" when it is fine.
std::string dns_label_problem(std::string_view text);       // RFC 1123 label, 63 characters
std::string dns_label_1035_problem(std::string_view text);  // the same, beginning with a letter
std::string dns_subdomain_problem(std::string_view text);   // labels joined by dots, 253 characters
std::string qualified_name_problem(std::string_view text);  // [domain/]name: keys of labels and annotations, resources
std::string label_value_problem(std::string_view text);
std::string port_name_problem(std::string_view text);     // IANA service name, 15 characters
std::string env_name_problem(std::string_view text);      // printable ASCII without "="
std::string path_segment_problem(std::string_view text);  // names that become a part of a URL: no "/" and no "%"
std::string config_key_problem(std::string_view text);    // keys of ConfigMaps and Secrets

// Whether a step of the path is "..".
bool has_backsteps(std::string_view path);

// The nearest valid label: lower case, other characters to "-"; or "".
std::string to_dns_label(std::string_view text);

}  // namespace ktrain
