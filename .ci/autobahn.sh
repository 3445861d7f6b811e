# The Autobahn test suite, sourced by .ci/run: an old acquaintance of every WebSocket library, which
# judges both roles from outside. Nothing but CPython 2.7 runs its fuzzers.
suite=autobahntestsuite==0.8.2
# Masks in C: its own way takes half an hour for the megabytes of 12 and 13.
accelerator=wsaccel==0.6.2

# What an endpoint without compression is asked: 1 to 7, 9 and 10, which are so many cases. 12 and 13
# are about permessage-deflate, and there is no 8 or 11.
cases='"cases": ["*"], "exclude-cases": ["12.*", "13.*"], "exclude-agent-cases": {}'
expected=301

# About permessage-deflate, 12 has five kinds of data and 13 seven sets of parameters, and each of those
# has 18 cases of a thousand messages. Nine of them have messages of 32 KiB and more, and make 11 GB: of
# these, either role is judged by about a half, so that all are done, and both by all in the long run.
choose_cases() {
    if $long; then
        servers_cases=''
        client_cases=''
        expected_of_server=517
        expected_of_client=517
    else
        servers_cases=$(large_cases 12.{2,4} 13.{2,4,6})
        client_cases=$(large_cases 12.{3,5} 13.{1,3,5,7})
        expected_of_server=472
        expected_of_client=463
    fi
}

# large_cases GROUP...: those of these groups that have large messages, as JSON. Without a star the suite
# takes a name for what it says.
large_cases() {
    local group patterns=()
    for group in "$@"; do patterns+=("\"$group.[89]*\"" "\"$group.1[03-8]*\""); done
    local IFS=,
    echo "${patterns[*]}"
}

# judge_servers DIRECTORY ECHO: the server of ws-std, plain and over TLS.
judge_servers() {
    local directory=$1 echo=$2 plain secure
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
        -keyout "$directory/key.pem" -out "$directory/cert.pem" 2>"$directory/openssl"
    serve "$directory/plain" "$echo" --addr 127.0.0.1:0 --deflate
    serve "$directory/secure" "$echo" --addr 127.0.0.1:0 --tls "$directory/cert.pem" "$directory/key.pem"
    plain=$(address "$directory/plain")
    secure=$(address "$directory/secure")
    cat >"$directory/client.json" <<END
{"outdir": "$directory/servers", "cases": ["*"], "exclude-cases": [$servers_cases],
    "exclude-agent-cases": {"server over TLS": ["12.*", "13.*"]}, "servers": [
    {"agent": "server", "url": "$plain"}, {"agent": "server over TLS", "url": "$secure"}]}
END
    quietly "$directory/fuzzingclient" "$directory/python2/bin/wstest" -m fuzzingclient \
        -s "$directory/client.json"
    .ci/autobahn.py "$directory/servers/index.json" "$expected_of_server" "server"
    .ci/autobahn.py "$directory/servers/index.json" "$expected" "server over TLS"
    if grep -h -A5 panicked "$directory/plain" "$directory/secure" >&2; then return 1; fi
}

# judge_client DIRECTORY CLIENT: the client of ws-std, against a port that is free now.
judge_client() {
    local directory=$1 client=$2 port
    port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$directory/server.json" <<END
{"url": "ws://127.0.0.1:$port", "outdir": "$directory/clients",
    "cases": ["*"], "exclude-cases": [$client_cases], "exclude-agent-cases": {}}
END
    # Its web pages would want a port of their own, which is always the same.
    serve "$directory/fuzzingserver" "$directory/python2/bin/wstest" -m fuzzingserver \
        -s "$directory/server.json" --webport 0
    wait_until "the fuzzing server listens" bash -c "</dev/tcp/127.0.0.1/$port"
    quietly "$directory/client.log" "$client" --url "ws://127.0.0.1:$port" --agent client
    .ci/autobahn.py "$directory/clients/index.json" "$expected_of_client" client
}

# quietly LOG COMMAND...: what it says is of interest only if it fails, or takes longer than
# `patience` seconds.
quietly() {
    local log=$1
    shift
    timeout "${patience:-300}" "$@" >"$log" 2>&1 || {
        tail -20 "$log" >&2
        return 1
    }
}

# serve LOG COMMAND...: in the background, until stop_serving, which asks nobody.
served=()
serve() {
    local log=$1
    shift
    install procps
    "$@" >"$log" 2>&1 &
    served+=($!)
}

# What a program has started it cannot end when it is killed: its children first.
stop_serving() {
    local process
    for process in "${served[@]}"; do
        pkill -KILL -P "$process" 2>/dev/null || true
        kill -KILL "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    served=()
}

# address LOG: the URL in it, as soon as there is one.
address() {
    wait_until "a server listens" grep -q '^listening on ' "$1" \
        && sed -n 's/^listening on //p' "$1"
}

# wait_until WHAT COMMAND...: for half a minute, the command succeeds.
wait_until() {
    local what=$1 patience=300
    shift
    until "$@" 2>/dev/null; do
        if [ $((patience -= 1)) -eq 0 ]; then
            echo "half a minute has passed without this: $what" >&2
            return 1
        fi
        sleep 0.1
    done
}

# install_suite DIRECTORY: a virtualenv of Python 2.7 in it.
install_suite() {
    local python
    python=$(find_python2)
    # The last virtualenv for 2.7 lies in the directory, too: no installation is touched.
    "$python" -m pip install -q --disable-pip-version-check --target "$1/virtualenv" virtualenv==20.15.1
    PYTHONPATH=$1/virtualenv "$python" -m virtualenv -q "$1/python2"
    "$1/python2/bin/pip" install -q --disable-pip-version-check "$suite" "$accelerator"
}

# pyenv's python2.7 is a script that may refuse to run: only success counts.
find_python2() {
    local python
    for python in "${PYTHON2:-}" python2.7 "$HOME/.pyenv/versions/2.7.18/bin/python"; do
        if [ -n "$python" ] && "$python" -m pip --version 2>/dev/null | grep -q 'python 2\.7'; then
            echo "$python"
            return
        fi
    done
    echo "the Autobahn test suite needs CPython 2.7 with pip: \`pyenv install 2.7.18\`, or name it in PYTHON2" >&2
    return 1
}
