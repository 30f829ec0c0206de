# An application on Perl's Net::SMPP. Reads commands as JSON lines on standard input and prints what
# comes from the gateway as JSON lines; tests/support/peer.py is the other side. All requests are
# asynchronous, so that nothing the gateway sends is thrown away while waiting for an answer.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json = JSON::PP->new->ascii->canonical;
my $smpp;
my $input = '';
my $readers = IO::Select->new(\*STDIN);

my %names = (
    Net::SMPP::CMD_bind_transmitter_resp() => 'bind_resp',
    Net::SMPP::CMD_bind_receiver_resp() => 'bind_resp',
    Net::SMPP::CMD_bind_transceiver_resp() => 'bind_resp',
    Net::SMPP::CMD_submit_sm_resp() => 'submit_sm_resp',
    Net::SMPP::CMD_query_sm_resp() => 'query_sm_resp',
    Net::SMPP::CMD_enquire_link_resp() => 'enquire_link_resp',
    Net::SMPP::CMD_unbind_resp() => 'unbind_resp',
    Net::SMPP::CMD_generic_nack() => 'generic_nack',
    Net::SMPP::CMD_deliver_sm() => 'deliver_sm',
    Net::SMPP::CMD_enquire_link() => 'enquire_link',
    Net::SMPP::CMD_unbind() => 'unbind',
);

sub emit { print $json->encode({@_}), "\n"; }

sub closed {
    $readers->remove($smpp);
    close $smpp;
    undef $smpp;
    emit(event => 'closed');
}

sub on_pdu {
    my $pdu = $smpp->read_pdu() or return closed();
    my $name = $names{$pdu->{cmd}} // sprintf('0x%08x', $pdu->{cmd});
    my %out = (event => $name, status => $pdu->{status}, seq => $pdu->{seq});
    for my $field (qw(system_id message_id message_state error_code final_date source_addr
                      destination_addr source_addr_ton dest_addr_ton esm_class data_coding)) {
        $out{$field} = $pdu->{$field} if defined $pdu->{$field};
    }
    $out{short_message} = unpack 'H*', $pdu->{short_message} if defined $pdu->{short_message};
    $out{receipted_message_id} = unpack 'Z*', $pdu->{receipted_message_id}
        if defined $pdu->{receipted_message_id};
    # Net::SMPP calls the TLV 0x0427 message_state too; in deliver_sm it is still packed.
    $out{message_state} = ord $pdu->{message_state}
        if $name eq 'deliver_sm' && defined $pdu->{message_state};
    $smpp->deliver_sm_resp(seq => $pdu->{seq}, message_id => '') if $name eq 'deliver_sm';
    $smpp->enquire_link_resp(seq => $pdu->{seq}) if $name eq 'enquire_link';
    $smpp->unbind_resp(seq => $pdu->{seq}) if $name eq 'unbind';
    emit(%out);
}

my %commands = (
    connect => sub {
        my ($what) = @_;
        $smpp = Net::SMPP->new_connect('127.0.0.1', port => $what->{port}, async => 1)
            or die "cannot connect: $!";
        $readers->add($smpp);
        emit(event => 'connected');
    },
    bind => sub {
        my ($what) = @_;
        my $method = "bind_$what->{as}";
        my $seq = $smpp->$method(system_id => $what->{system_id}, password => $what->{password},
                                 interface_version => $what->{interface_version} // 0x34);
        emit(event => 'sent', seq => $seq);
    },
    submit => sub {
        my ($what) = @_;
        my %fields = %{$what->{fields}};
        $fields{short_message} = pack 'H*', $fields{short_message};
        emit(event => 'sent', seq => $smpp->submit_sm(%fields));
    },
    query => sub {
        my ($what) = @_;
        my $seq = $smpp->query_sm(message_id => $what->{message_id},
                                  source_addr => $what->{source_addr}, source_addr_ton => 1,
                                  source_addr_npi => 1);
        emit(event => 'sent', seq => $seq);
    },
    enquire_link => sub { emit(event => 'sent', seq => $smpp->enquire_link()); },
    unbind => sub { emit(event => 'sent', seq => $smpp->unbind()); },
);

while (1) {
    for my $ready ($readers->can_read()) {
        if (defined $smpp && $ready == $smpp) {
            on_pdu();
            next;
        }
        sysread(STDIN, $input, 65536, length $input) or exit 0;
        while ($input =~ s/^(.*)\n//) {
            my $what = $json->decode($1);
            $commands{$what->{do}}->($what);
        }
    }
}
