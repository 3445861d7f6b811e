// node's `ws` echoes with compression, which it has to be told: `node ws_echo.cjs`.
const { WebSocketServer } = require("ws");

const perMessageDeflate = { threshold: 0 };
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate }, () => {
  console.log(`listening on ws://127.0.0.1:${server.address().port}`);
});
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
