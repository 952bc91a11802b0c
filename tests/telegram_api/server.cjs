// Serves telegram-test-api on loopback at PORT until its standard input ends.
const TelegramServer = require("telegram-test-api");

const server = new TelegramServer({ port: Number(process.env.PORT), host: "127.0.0.1", storeTimeout: 3600 });
server.start().then(() => process.stdout.write("ready\n"));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
