/// Additions for bash, which splits words at colons and equal signs and shows only the text after a path's last slash.
enum BashCompletion {
  /// Lets the script see words whole, and takes off each reply what bash has kept before its last cut. Names of Services
  /// are not treated as files.
  static func wholeWords(in script: String) -> String {
    script.replacing("complete -o filenames -F _swift-kube-proxy swift-kube-proxy", with: wrapper)
  }

  private static let wrapper = #"""
    _swift-kube-proxy_whole_words() {
        local line="${COMP_LINE:0:COMP_POINT}" current="${2}" previous="${3}" cut=''
        local word="${line##*[[:space:]]}"
        if [[ "${word}" = *[:=]* ]]; then
            local -a COMP_WORDS
            read -ra COMP_WORDS <<< "${line}"
            if [[ "${word}" = --*=* ]]; then
                COMP_WORDS[-1]="${word%%=*}"
                word="${word#*=}"
                COMP_WORDS+=("${word}")
            fi
            local COMP_CWORD="$((${#COMP_WORDS[@]} - 1))"
            current="${word}"
            previous="${COMP_WORDS[COMP_CWORD - 1]}"
            [[ "${word}" = *:* && "${COMP_WORDBREAKS}" = *:* ]] && cut="${word%:*}:"
        fi
        case "${previous}" in
        --config|--kubeconfig)
            mapfile -t COMPREPLY < <(compgen -f -- "${current}")
            return
            ;;
        --to|--service|service) compopt +o filenames 2> /dev/null ;;
        esac
        _swift-kube-proxy "${1}" "${current}" "${previous}"
        COMPREPLY=("${COMPREPLY[@]#"${cut}"}")
    }

    complete -o filenames -F _swift-kube-proxy_whole_words swift-kube-proxy
    """#
}
