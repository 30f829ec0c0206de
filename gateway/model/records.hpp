// The gateway's records and what reads them, for code that reads values of its tables. Generated
// from records.fbs while building; any thread.
#pragma once

#include "gateway/model/records_generated.h"
#include "store/record_reader.hpp"
