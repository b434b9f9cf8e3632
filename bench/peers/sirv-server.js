/**
 * The files of a folder by sirv on Node.js, as its documentation shows it for production: what is
 * in the folder is looked at once. Started as `node sirv-server.js PORT FOLDER`.
 */

import { createServer } from 'node:http';
import sirv from 'sirv';

const [port, folder] = process.argv.slice(2);

createServer(sirv(folder, { etag: true })).listen(Number(port), '127.0.0.1');
