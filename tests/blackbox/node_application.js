// An application on node's smpp package. Reads commands as JSON lines on standard input and prints
// what comes from the gateway as JSON lines; tests/support/peer.py is the other side.
'use strict';
const fs = require('fs');
const readline = require('readline');
const smpp = require('smpp');

let session = null;
let answering = true; // whether deliver_sm is answered

function emit(event, members) {
    process.stdout.write(JSON.stringify({event, ...members}) + '\n');
}

function text_of(pdu) {
    const message = pdu.short_message && pdu.short_message.message;
    return message === undefined ? null : String(message);
}

function tlv_text(value) {
    return Buffer.isBuffer(value) ? value.toString('latin1').replace(/\0+$/, '') : value;
}

function on_deliver(pdu) {
    emit('deliver', {
        source: pdu.source_addr,
        destination: pdu.destination_addr,
        esm_class: pdu.esm_class,
        data_coding: pdu.data_coding,
        text: text_of(pdu),
        receipted_message_id: tlv_text(pdu.receipted_message_id),
        message_state: pdu.message_state,
        answered: answering,
    });
    if (answering) session.send(pdu.response());
}

const commands = {
    // With `ca` over TLS, the server's certificate checked against that file; `certificate` and `key`
    // are our own.
    connect(what) {
        const options = {host: '127.0.0.1', port: what.port};
        if (what.ca) {
            Object.assign(options, {tls: true, ca: fs.readFileSync(what.ca),
                                    servername: what.servername || 'localhost'});
        }
        if (what.certificate) {
            Object.assign(options, {cert: fs.readFileSync(what.certificate),
                                    key: fs.readFileSync(what.key)});
        }
        const made = smpp.connect(options, () => emit('connected'));
        session = made;
        made.on('deliver_sm', on_deliver);
        made.on('enquire_link', (pdu) => made.send(pdu.response()));
        made.on('unbind', (pdu) => {
            emit('unbind');
            made.send(pdu.response());
        });
        made.on('close', () => emit('closed'));
        made.on('error', (error) => emit('error', {message: error.message}));
    },
    bind(what) {
        // Without a version the library names its own.
        const version = what.version === undefined ? {} : {interface_version: what.version};
        session['bind_' + what.as]({system_id: what.system_id, password: what.password,
                                    ...version}, (pdu) =>
            emit('bound', {status: pdu.command_status, system_id: pdu.system_id,
                           version: pdu.sc_interface_version}));
    },
    // Any request; what it is answered with.
    request(what) {
        session[what.name](what.fields, (pdu) =>
            emit('answered', {command: pdu.command, status: pdu.command_status,
                              length: pdu.command_length}));
    },
    submit(what) {
        session.submit_sm(what.fields, (pdu) =>
            emit('submitted', {name: what.name, status: pdu.command_status, id: pdu.message_id}));
    },
    // The text as message_payload instead of short_message.
    submit_payload(what) {
        session.submit_sm({...what.fields, short_message: '', data_coding: 0,
                           message_payload: Buffer.from(what.text, 'latin1')}, (pdu) =>
            emit('submitted', {name: what.name, status: pdu.command_status, id: pdu.message_id}));
    },
    // `count` messages, never more than `window` of them without an answer.
    submit_many(what) {
        const answers = [];
        let sent = 0;
        let most = 0;
        const more = () => {
            while (sent < what.count && sent - answers.length < what.window) {
                const number = sent++;
                most = Math.max(most, sent - answers.length);
                const fields = {...what.fields, short_message: 'message ' + number};
                fields.destination_addr = String(what.first_destination + number);
                session.submit_sm(fields, (pdu) => {
                    answers.push({number, status: pdu.command_status, id: pdu.message_id});
                    if (answers.length === what.count) emit('submitted_many', {answers, most});
                    else more();
                });
            }
        };
        more();
    },
    answer_deliveries(what) {
        answering = what.on;
        emit('answering', {on: answering});
    },
    enquire_link() {
        session.enquire_link((pdu) => emit('alive', {status: pdu.command_status}));
    },
    unbind() {
        session.unbind((pdu) => emit('unbound', {status: pdu.command_status}));
    },
    destroy() {
        session.destroy();
    },
};

readline.createInterface({input: process.stdin})
    .on('line', (line) => {
        const what = JSON.parse(line);
        commands[what.do](what);
    })
    .on('close', () => process.exit(0));
