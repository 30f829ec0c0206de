// A carrier on node's smpp package. It answers nothing by itself unless `automatic` is switched on:
// each submit_sm is printed as a JSON line, and the test says with commands what becomes of it.
// tests/support/peer.py is the other side.
'use strict';
const fs = require('fs');
const {performance} = require('perf_hooks');
const readline = require('readline');
const smpp = require('smpp');

const sessions = new Map(); // number -> session
const waiting = new Map(); // "session/sequence" -> submit_sm without an answer yet
let next_session = 1;
let automatic = false;
const arrivals = []; // milliseconds at which submit_sm came while automatic
let latest = 0; // milliseconds for which this process did not look at its sockets meanwhile
let next_id = 1;

function emit(event, members) {
    process.stdout.write(JSON.stringify({event, ...members}) + '\n');
}

function on_submit(number, session, pdu) {
    if (automatic) {
        arrivals.push(performance.now());
        session.send(pdu.response({message_id: String(next_id++)}));
        return;
    }
    waiting.set(number + '/' + pdu.sequence_number, pdu);
    const message = pdu.short_message || {};
    emit('submit', {
        session: number,
        sequence: pdu.sequence_number,
        service_type: pdu.service_type,
        source_ton: pdu.source_addr_ton,
        source_npi: pdu.source_addr_npi,
        source: pdu.source_addr,
        destination_ton: pdu.dest_addr_ton,
        destination_npi: pdu.dest_addr_npi,
        destination: pdu.destination_addr,
        esm_class: pdu.esm_class,
        protocol_id: pdu.protocol_id,
        priority: pdu.priority_flag,
        registered_delivery: pdu.registered_delivery,
        replace_if_present: pdu.replace_if_present_flag,
        data_coding: pdu.data_coding,
        udh: message.udh ? message.udh.map((each) => each.toString('hex')) : null,
        text: Buffer.isBuffer(message.message) ? message.message.toString('latin1')
                                               : message.message,
    });
}

// Over TLS if it is started with the files of a certificate and its key.
const [certificate, key] = process.argv.slice(2);
const secured = certificate
    ? {cert: fs.readFileSync(certificate), key: fs.readFileSync(key)} : {};

const server = smpp.createServer(secured, (session) => {
    const number = next_session++;
    sessions.set(number, session);
    for (const as of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) {
        session.on(as, (pdu) => {
            session.send(pdu.response({system_id: 'node'}));
            emit('bind', {session: number, as, system_id: pdu.system_id, password: pdu.password,
                          system_type: pdu.system_type, version: pdu.interface_version});
        });
    }
    session.on('submit_sm', (pdu) => on_submit(number, session, pdu));
    session.on('deliver_sm_resp', (pdu) =>
        emit('delivered', {session: number, sequence: pdu.sequence_number,
                           status: pdu.command_status}));
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu) => {
        session.send(pdu.response());
        emit('unbind', {session: number});
    });
    session.on('close', () => {
        sessions.delete(number);
        emit('closed', {session: number});
    });
    session.on('error', (error) => emit('error', {session: number, message: error.message}));
});

const commands = {
    respond(what) {
        const key = what.session + '/' + what.sequence;
        const pdu = waiting.get(key);
        waiting.delete(key);
        sessions.get(what.session).send(
            pdu.response({command_status: what.status || 0, message_id: what.message_id || ''}));
    },
    deliver(what) {
        sessions.get(what.session).deliver_sm({...what.fields, sequence_number: what.sequence});
    },
    disconnect(what) {
        sessions.get(what.session).destroy();
    },
    automatic(what) {
        automatic = what.on;
        let looked = performance.now();
        setInterval(() => {
            const now = performance.now();
            latest = Math.max(latest, now - looked);
            looked = now;
        }, 1);
        emit('automatic', {on: automatic});
    },
    arrivals() {
        emit('arrivals', {at: arrivals, latest});
    },
};

server.listen(0, '127.0.0.1', () => emit('listening', {port: server.address().port}));
readline.createInterface({input: process.stdin})
    .on('line', (line) => {
        const what = JSON.parse(line);
        commands[what.do](what);
    })
    .on('close', () => process.exit(0));
