      *****************************************************************
      *  CUSTOMER MASTER.  CUSTMAST, RECFM=FB, LRECL=200, CODE PAGE 037
      *****************************************************************
       01  CUSTOMER-RECORD.
           05  CUST-ID                     PIC 9(9).
           05  CUST-NAME.
               10  FIRST-NAME              PIC X(20).
               10  LAST-NAME               PIC X(25).
           05  ADDRESS.
               10  STREET                  PIC X(30).
               10  CITY                    PIC X(20).
               10  COUNTRY                 PIC X(2).
           05  BRANCH-CODE                 PIC X(4).
           05  STATUS                      PIC X.
               88  STATUS-ACTIVE           VALUE 'A'.
               88  STATUS-DORMANT          VALUE 'D'.
               88  STATUS-CLOSED           VALUE 'C'.
           05  OPENED-ON                   PIC X(10).
           05  BALANCE                     PIC S9(11)V99  COMP-3.
           05  CREDIT-LIMIT                PIC S9(9)V99   COMP-3.
           05  OVERDRAFT-COUNT             PIC S9(4)      COMP.
           05  PHONE                       PIC X(15)  OCCURS 2 TIMES.
           05  RISK-AREA                   PIC X(6).
           05  RISK-SCORES REDEFINES RISK-AREA.
               10  PAYMENT-SCORE           PIC 9(3).
               10  FRAUD-SCORE             PIC 9(3).
           05  FILLER                      PIC X(28).
