// An application on Twilio's own library: its client for the messages API, its check of signatures
// and its TwiML. Only the base URL is the gateway's. Reads commands as JSON lines on standard input
// and prints what comes as JSON lines; tests/support/peer.py is the other side.
'use strict';
const http = require('http');
const readline = require('readline');
const twilio = require('twilio');

let client = null;
let token = null;
let port = 0;
const answers = {}; // by path: what requests to it are answered with, the last one for ever

function emit(event, members) {
    process.stdout.write(JSON.stringify({event, ...members}) + '\n');
}

function shown(message) {
    return JSON.parse(JSON.stringify(message));
}

function failed(name, error) {
    emit('failed', {name, code: error.code, status: error.status, message: error.message,
                    more_info: error.moreInfo});
}

function report(name, promise, event, members) {
    promise.then((value) => emit(event, {name, ...members(value)}),
                 (error) => failed(name, error));
}

// What an application of Twilio does with a request of Twilio's.
function on_request(request, response) {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
        const url = `http://127.0.0.1:${port}${request.url}`;
        const body = Buffer.concat(parts).toString('utf8');
        const posted = Object.fromEntries(new URLSearchParams(body));
        const asked = Object.fromEntries(new URL(url).searchParams);
        const valid = twilio.validateRequest(token, request.headers['x-twilio-signature'] || '', url,
                                             request.method === 'POST' ? posted : {});
        const path = new URL(url).pathname;
        const list = answers[path] || [{}];
        const answer = list.length > 1 ? list.shift() : list[0];
        emit('request', {path, method: request.method, valid, type: request.headers['content-type'],
                         fields: request.method === 'POST' ? posted : asked});
        response.statusCode = answer.status || 200;
        if (answer.messages) {
            const made = new twilio.twiml.MessagingResponse();
            for (const each of answer.messages) {
                const {text, media, ...attributes} = each;
                const message = made.message(attributes, media ? undefined : text);
                if (media) {
                    message.body(text);
                    message.media(media);
                }
            }
            response.setHeader('Content-Type', 'text/xml');
            response.end(made.toString());
        } else {
            response.end(answer.body || '');
        }
    });
}

const commands = {
    listen(what) {
        const server = http.createServer(on_request);
        server.listen(what.port || 0, '127.0.0.1', () => {
            port = server.address().port;
            emit('listening', {port});
        });
    },
    answer(what) {
        answers[what.path] = what.answers;
        emit('answering', {path: what.path});
    },
    // With `key` and `secret` instead of the account's own.
    client(what) {
        token = what.token;
        client = what.key ? twilio(what.key, what.secret, {accountSid: what.sid})
                          : twilio(what.sid, what.token);
        client.api.baseUrl = `http://127.0.0.1:${what.port}`;
        emit('client', {});
    },
    create(what) {
        const fields = {...what.fields};
        if (fields.sendAt) fields.sendAt = new Date(fields.sendAt);
        report(what.name, client.messages.create(fields), 'created', (made) => ({message: shown(made)}));
    },
    fetch(what) {
        report(what.name, client.messages(what.sid).fetch(), 'fetched',
               (found) => ({message: shown(found)}));
    },
    list(what) {
        const fields = {...what.fields};
        for (const name of ['dateSent', 'dateSentBefore', 'dateSentAfter'])
            if (fields[name]) fields[name] = new Date(fields[name]);
        report(what.name, client.messages.list(fields), 'listed',
               (found) => ({messages: found.map(shown)}));
    },
    // A page, the one behind it, and back.
    async pages(what) {
        try {
            const first = await client.messages.page({pageSize: what.size});
            const second = await first.nextPage();
            const back = await second.previousPage();
            emit('paged', {name: what.name, pages: [first, second, back].map(
                (page) => page.instances.map((each) => each.sid))});
        } catch (error) {
            failed(what.name, error);
        }
    },
    update(what) {
        report(what.name, client.messages(what.sid).update(what.fields), 'updated',
               (made) => ({message: shown(made)}));
    },
    remove(what) {
        report(what.name, client.messages(what.sid).remove(), 'removed', (done) => ({done}));
    },
    calls(what) {
        report(what.name, client.calls.list({limit: 1}), 'calls', () => ({}));
    },
};

readline.createInterface({input: process.stdin}).on('line', (line) => {
    const what = JSON.parse(line);
    commands[what.do](what);
});
