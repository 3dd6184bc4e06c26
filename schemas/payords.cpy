      *****************************************************************
      *  PAYMENT ORDERS.  PAYORDS, RECFM=VB, CODE PAGE 1141
      *  ONE HEADER, ORDERS EACH FOLLOWED BY ITS SPLITS, ONE TRAILER
      *****************************************************************
       01  ORDER-HEADER.
           05  RECORD-TYPE                 PIC X          VALUE 'H'.
           05  CREATED-ON                  PIC S9(7)      COMP-3.
           05  FILE-NO                     PIC 9(6).
       01  PAYMENT-ORDER.
           05  RECORD-TYPE                 PIC X          VALUE 'P'.
           05  ORDER-NO                    PIC 9(8).
           05  CUST-ID                     PIC 9(9).
      *        DAYS AS CYYMMDD; ZERO: AT ONCE
           05  EXECUTE-ON                  PIC S9(7)      COMP-3.
           05  AMOUNT                      PIC S9(9)V99   COMP-3.
           05  CURRENCY-CODE               PIC X(3).
           05  METHOD                      PIC X.
               88  BY-IBAN                 VALUE 'I'.
               88  BY-GIRO                 VALUE 'G'.
           05  BANK-ACCOUNT.
               10  IBAN                    PIC X(21).
               10  BIC                     PIC X(11).
           05  GIRO-ACCOUNT REDEFINES BANK-ACCOUNT.
               10  GIRO-NO                 PIC 9(9).
               10  REFERENCE-NO            PIC X(20).
           05  MESSAGE-COUNT               PIC 9.
           05  MESSAGE-LINE                PIC X(30)
                   OCCURS 0 TO 4 TIMES DEPENDING ON MESSAGE-COUNT.
       01  ORDER-SPLIT.
           05  RECORD-TYPE                 PIC X          VALUE 'S'.
           05  COST-CENTRE                 PIC X(6).
           05  SPLIT-AMOUNT                PIC -(8)9.99.
       01  ORDER-TRAILER.
           05  RECORD-TYPE                 PIC X          VALUE 'T'.
           05  ORDER-COUNT                 PIC 9(6).
