# Others who compress, sourced by .ci/run: what they make of us, and we of them.

# judge_compression DIRECTORY ECHO: Python's websockets and node's ws send everything there and back.
judge_compression() {
    local directory=$1 echo=$2 url
    install python3-venv nodejs node-ws
    python3 -m venv "$directory/peers"
    "$directory/peers/bin/pip" install -q --disable-pip-version-check websockets==17.4
    serve "$directory/deflating" "$echo" --addr 127.0.0.1:0 --deflate
    url=$(address "$directory/deflating")
    timeout 120 "$directory/peers/bin/python" tests/peers/deflate.py "$url"
    NODE_PATH=/usr/share/nodejs timeout 120 node tests/peers/deflate.cjs "$url"
    if grep -A5 panicked "$directory/deflating" >&2; then return 1; fi
}
