// node's `ws` and an echo that compresses: `node deflate.cjs ws://HOST:PORT`.
const assert = require("assert");
const { WebSocket } = require("ws");

const url = process.argv[2];

// What a client may ask for.
const offers = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 12, serverNoContextTakeover: true, clientNoContextTakeover: true },
];

function* messages() {
  for (const size of [0, 1, 126, 1023, 1024, 5000, 65536, 500000]) {
    const record = JSON.stringify({ size, name: "ä水🦀", values: Array(9).fill(size) });
    const text = record.repeat(size / record.length + 1).slice(0, size);
    yield [text, false];
    yield [Buffer.from(text), true];
  }
}

function converse(offer) {
  return new Promise((done, fail) => {
    const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0, ...offer } });
    // Twice, so that messages can refer to earlier ones.
    const all = [...messages(), ...messages()];
    let plain = 0;
    let at = 0;
    const send = () => {
      plain += Buffer.byteLength(all[at][0]);
      socket.send(all[at][0]);
    };
    socket.on("error", fail);
    socket.on("open", send);
    socket.on("message", (data, isBinary) => {
      const [sent, wasBinary] = all[at];
      assert.strictEqual(isBinary, wasBinary);
      assert(Buffer.from(data).equals(Buffer.from(sent)), `${sent.length} bytes`);
      at += 1;
      if (at < all.length) return send();
      const { bytesRead, bytesWritten } = socket._socket;
      socket.close();
      assert(socket.extensions.startsWith("permessage-deflate"), socket.extensions);
      assert(bytesRead * 5 < plain && bytesWritten * 5 < plain, "it was not compressed");
      console.log(`${socket.extensions}: ${plain} bytes are ${bytesWritten} to, ${bytesRead} fro`);
    });
    socket.on("close", (code) => (at === all.length ? done() : fail(new Error(`closed: ${code}`))));
  });
}

(async () => {
  for (const offer of offers) await converse(offer);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
