<?php
// rpc/encoded on PHP's own SoapServer. Amounts stay texts, so that no number of PHP rounds them.
class Ledger {
  public function getBookings($ids) {
    return array_map(fn($id) => (object) [
      'id' => $id, 'amount' => '12345678901234567890.10', 'text' => $id % 2 == 0 ? null : "Zürich & <co> $id",
      'bookedAt' => '2026-03-01T09:30:00Z', 'open' => $id % 2 == 0,
    ], $ids);
  }
  public function echo($booking, $note) {
    return ['booking' => $booking, 'note' => $note];
  }
  public function refuse($code) {
    throw new SoapFault($code, 'The ledger is closed');
  }
}
ini_set('soap.wsdl_cache_enabled', '0');
$server = new SoapServer(__DIR__ . '/encoded.wsdl');
$server->setClass('Ledger');
$server->handle();
