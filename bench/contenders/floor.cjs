// The floor: a bare POST of a ready-made body over a connection that is kept, its answer read to the end.
const { Agent, request } = require('node:https');
const { signedPost } = require('../inbound-text.cjs');

const agent = new Agent({ keepAlive: true });
const post = signedPost(process.env.FIKIRI_BASE_URL);
const options = { ...post.address, method: 'POST', agent, headers: post.headers };

exports.handler = (_context, _event, callback) => {
  const sent = request(options, (response) => {
    response.on('end', () => callback(null, response.statusCode)).resume();
  });
  sent.on('error', callback).end(post.body);
};
