// Tests have no name service: the providers' names have an address all the same, which leads nowhere.
const dns = require("node:dns");
const { syncBuiltinESMExports } = require("node:module");

const ADDRESS = "192.0.2.1";
const NAMES = /(anthropic|openai|deepseek)\.com$|googleapis\.com$|openrouter\.ai$/;
const { lookup } = dns;
const promised = dns.promises.lookup;

function found(options) {
  const one = { address: ADDRESS, family: 4 };
  return options?.all ? [one] : one;
}

dns.lookup = (name, options, callback) => {
  if (!NAMES.test(name)) return lookup(name, options, callback);
  const done = callback ?? options;
  const answer = found(callback ? options : {});
  return process.nextTick(() => (Array.isArray(answer) ? done(null, answer) : done(null, answer.address, 4)));
};
dns.promises.lookup = async (name, options) => (NAMES.test(name) ? found(options) : promised(name, options));
syncBuiltinESMExports();
