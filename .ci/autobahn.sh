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
# these, either role is judged by a half, so that all are done, and both by all in the long run. The halves
# take about the same time, of which the pictures and texts of 12.2, 12.3 and 12.5 need most.
choose_cases() {
    if $long; then
        servers_cases=''
        client_cases=''
        expected_of_server=517
        expected_of_client=517
    else
        servers_cases=$(large_cases 12.{2,4} 13.{2,4,5,6})
        client_cases=$(large_cases 12.{3,5} 13.{1,3,7})
        expected_of_server=463
        expected_of_client=472
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

# judge_server DIRECTORY ECHO: the server of ws-std.
judge_server() {
    local directory=$1 echo=$2
    serve "$directory/server" "$echo" --addr 127.0.0.1:0 --deflate
    judge_echo "$directory" server "$expected_of_server" "$servers_cases"
}

# judge_secure_server DIRECTORY ECHO: the same over TLS, and without compression, which lies above that.
judge_secure_server() {
    local directory=$1 echo=$2
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
        -keyout "$directory/key.pem" -out "$directory/cert.pem" 2>"$directory/openssl"
    serve "$directory/server over TLS" "$echo" --addr 127.0.0.1:0 \
        --tls "$directory/cert.pem" "$directory/key.pem"
    judge_echo "$directory" "server over TLS" "$expected" '"12.*", "13.*"'
}

# judge_echo DIRECTORY AGENT EXPECTED EXCLUDED: the server whose output is in a file of the agent's name.
judge_echo() {
    local directory=$1 agent=$2 excluded=$4 url
    url=$(address "$directory/$agent")
    cat >"$directory/$agent.json" <<END
{"outdir": "$directory/$agent.found", "cases": ["*"], "exclude-cases": [$excluded],
    "exclude-agent-cases": {}, "servers": [{"agent": "$agent", "url": "$url"}]}
END
    judge "$directory" "$agent" "$3" "$directory/python2/bin/wstest" -m fuzzingclient \
        -s "$directory/$agent.json"
}

# judge_client DIRECTORY CLIENT: the client of ws-std, against a port that is free now.
judge_client() {
    local directory=$1 client=$2 port
    port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$directory/client.json" <<END
{"url": "ws://127.0.0.1:$port", "outdir": "$directory/client.found",
    "cases": ["*"], "exclude-cases": [$client_cases], "exclude-agent-cases": {}}
END
    # Its web pages would want a port of their own, which is always the same.
    serve "$directory/client" "$directory/python2/bin/wstest" -m fuzzingserver \
        -s "$directory/client.json" --webport 0
    wait_until "the fuzzing server listens" bash -c "</dev/tcp/127.0.0.1/$port"
    judge "$directory" client "$expected_of_client" "$client" --url "ws://127.0.0.1:$port" --agent client
}

# judge DIRECTORY AGENT EXPECTED COMMAND...: at the same time as others, until await_verdicts. A fuzzer
# waits for each answer, and what it judges for each question: a pair of them keeps one core busy.
declare -A judged=() cases_of=()
judge() {
    local directory=$1 agent=$2
    cases_of[$agent]=$3
    shift 3
    serve "$directory/$agent.run" timeout "$patience" "$@"
    judged[$!]=$agent
}

# await_verdicts DIRECTORY: the first that is not good is the last. `wait -n` would miss those that end while
# it is not there.
await_verdicts() {
    local process
    while [ ${#judged[@]} -gt 0 ]; do
        for process in "${!judged[@]}"; do
            kill -0 "$process" 2>/dev/null || verdict "$1" "$process"
        done
        sleep 0.2
    done
}

# verdict DIRECTORY PROCESS: what has been found, when the process has ended.
verdict() {
    local process=$2 agent=${judged[$2]}
    local log=$1/$agent
    unset "judged[$process]" "served[$process]"
    wait "$process" || {
        fail_loudly "$log" "it has failed, or taken longer than $patience s"
        return 1
    }
    .ci/autobahn.py "$log.found/index.json" "${cases_of[$agent]}" "$agent" || {
        fail_loudly "$log" "the verdict is not good"
        return 1
    }
    if grep -q panicked "$log" "$log.run"; then
        fail_loudly "$log" "it has panicked"
        return 1
    fi
}

# fail_loudly AGENT WHY: with what its server has said last, and what ran against that.
fail_loudly() {
    echo "${1##*/}: $2" >&2
    tail -n 20 "$1" "$1.run" >&2
    grep -A5 panicked "$1" "$1.run" >&2 || true
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
declare -A served=()
serve() {
    local log=$1
    shift
    install procps
    "$@" >"$log" 2>&1 &
    served[$!]=$log
}

# What a program has started it cannot end when it is killed: its children first.
stop_serving() {
    local process
    for process in "${!served[@]}"; do
        pkill -KILL -P "$process" 2>/dev/null || true
        kill -KILL "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    served=()
    judged=()
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
