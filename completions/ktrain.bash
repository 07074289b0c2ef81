# Completion of ktrain for bash: asks the program itself. Made by: ktrain completion bash
_ktrain() {
    local word=$2 line candidates=() directive=
    COMPREPLY=()
    # COMP_WORDS splits at "=": take the words from the line up to the cursor instead.
    local typed=${COMP_LINE:0:COMP_POINT} words
    read -ra words <<<"$typed"
    [[ $typed == *[[:space:]] ]] && words+=("")
    while IFS= read -r line; do
        case $line in
        :*) directive=${line#:} ;;
        *) candidates+=("${line%%$'\t'*}") ;;
        esac
    done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
    local last=${words[-1]} cut=
    # Behind "--flag=" bash replaces only the part after the "=".
    [[ $last == --*=* && $COMP_WORDBREAKS == *=* ]] && cut=${last%%=*}=
    for line in "${candidates[@]}"; do COMPREPLY+=("${line#"$cut"}"); done
    local value=${last#"$cut"}
    case $directive in
    files) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$value"); compopt -o filenames ;;
    folders) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$value"); compopt -o filenames ;;
    esac
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}
complete -F _ktrain ktrain
