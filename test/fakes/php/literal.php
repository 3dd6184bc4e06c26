<?php
// document/literal on PHP's own SoapServer, SOAP 1.1 and 1.2, with headers both ways.
class Customers {
  private ?string $token = null;
  public function Session($session) {
    $this->token = $session->Token;
  }
  public function GetCustomer($request) {
    global $server;
    $usage = new SoapVar('<Usage xmlns="urn:example:php-customers"><Calls>' . strlen($this->token ?? '') . '</Calls></Usage>', XSD_ANYXML);
    $server->addSoapHeader(new SoapHeader('urn:example:php-customers', 'Usage', $usage));
    if ($request->Id == 404) return new stdClass();
    if ($request->Id < 0) {
      $detail = new SoapVar(['Id' => $request->Id], SOAP_ENC_OBJECT);
      throw new SoapFault('Client', 'There is no such customer', null, (object) ['NotFound' => (object) ['Id' => $request->Id]], 'NotFound');
    }
    return ['Customer' => (object) [
      'Id' => $request->Id, 'Name' => '', 'Born' => '0987-12-31', 'Turnover' => '0.10',
      'Tag' => ['one'], 'Address' => null,
    ]];
  }
  public function SaveCustomer($request) {
    return ['Customer' => $request->Customer];
  }
}
ini_set('soap.wsdl_cache_enabled', '0');
$server = new SoapServer(__DIR__ . '/literal.wsdl');
$server->setClass('Customers');
$server->handle();
