// The characters of 3GPP TS 23.038, annex A, as data: for each table the runs in which it differs
// from its base, which is the default alphabet or its extension for Turkish, Spanish and
// Portuguese, and one shared table for the languages of India and Urdu. national.cpp builds the
// tables from them; nobody else includes this file. Compared entry by entry with four independent
// implementations; where they differ, a note says what was chosen.
#pragma once

#include <array>
#include <cstdint>

namespace hikyaku::smpp::text::detail {

/// `count` septets from `septet` on hold the characters from `first` on.
struct septet_run {
    std::uint8_t septet;
    char16_t first;
    std::uint8_t count;
};

// Kannada 0x24 is U+0CA1 DDA between TTHA and DDHA, as phones have it; the printed table repeats
// U+0CAA PA, which stands at 0x3D. Telugu single 0x65 is the euro sign on phones, and empty in the
// printed table: read, never written (national.cpp).
inline constexpr std::array<septet_run, 10> indic_locking_base{{{0x0A, 0x000A, 1},
                                                                {0x0D, 0x000D, 1},
                                                                {0x20, 0x0020, 2},
                                                                {0x28, 0x0029, 1},
                                                                {0x29, 0x0028, 1},
                                                                {0x2C, 0x002C, 1},
                                                                {0x2E, 0x002E, 1},
                                                                {0x30, 0x0030, 12},
                                                                {0x3F, 0x003F, 1},
                                                                {0x61, 0x0061, 26}}};
inline constexpr std::array<septet_run, 28> indic_single_base{
    {{0x00, 0x0040, 1}, {0x01, 0x00A3, 1},  {0x02, 0x0024, 1}, {0x03, 0x00A5, 1}, {0x04, 0x00BF, 1},
     {0x05, 0x0022, 1}, {0x06, 0x00A4, 1},  {0x07, 0x0025, 3}, {0x0A, 0x000C, 1}, {0x0B, 0x002A, 2},
     {0x0E, 0x002D, 1}, {0x0F, 0x002F, 1},  {0x10, 0x003C, 3}, {0x13, 0x00A1, 1}, {0x14, 0x005E, 1},
     {0x15, 0x00A1, 1}, {0x16, 0x005F, 1},  {0x17, 0x0023, 1}, {0x18, 0x002A, 1}, {0x28, 0x007B, 1},
     {0x29, 0x007D, 1}, {0x2F, 0x005C, 1},  {0x3C, 0x005B, 1}, {0x3D, 0x007E, 1}, {0x3E, 0x005D, 1},
     {0x40, 0x007C, 1}, {0x41, 0x0041, 26}, {0x65, 0x20AC, 1}}};
inline constexpr std::array<septet_run, 6> turkish_locking{{{0x04, 0x20AC, 1},
                                                            {0x07, 0x0131, 1},
                                                            {0x0B, 0x011E, 2},
                                                            {0x1C, 0x015E, 2},
                                                            {0x40, 0x0130, 1},
                                                            {0x60, 0x00E7, 1}}};
inline constexpr std::array<septet_run, 30> portuguese_locking{
    {{0x04, 0x00EA, 1}, {0x06, 0x00FA, 1}, {0x07, 0x00ED, 1}, {0x08, 0x00F3, 1},
     {0x09, 0x00E7, 1}, {0x0B, 0x00D4, 1}, {0x0C, 0x00F4, 1}, {0x0E, 0x00C1, 1},
     {0x0F, 0x00E1, 1}, {0x12, 0x00AA, 1}, {0x13, 0x00C7, 1}, {0x14, 0x00C0, 1},
     {0x15, 0x221E, 1}, {0x16, 0x005E, 1}, {0x17, 0x005C, 1}, {0x18, 0x20AC, 1},
     {0x19, 0x00D3, 1}, {0x1A, 0x007C, 1}, {0x1C, 0x00C2, 1}, {0x1D, 0x00E2, 1},
     {0x1E, 0x00CA, 1}, {0x24, 0x00BA, 1}, {0x40, 0x00CD, 1}, {0x5B, 0x00C3, 1},
     {0x5C, 0x00D5, 1}, {0x5D, 0x00DA, 1}, {0x60, 0x007E, 1}, {0x7B, 0x00E3, 1},
     {0x7C, 0x00F5, 1}, {0x7D, 0x0060, 1}}};
inline constexpr std::array<septet_run, 20> bengali_locking{
    {{0x00, 0x0981, 3}, {0x03, 0x0985, 7}, {0x0B, 0x098C, 1}, {0x0F, 0x098F, 2},
     {0x13, 0x0993, 8}, {0x1C, 0x099B, 4}, {0x22, 0x099F, 6}, {0x2A, 0x09A5, 2},
     {0x2D, 0x09A7, 1}, {0x2F, 0x09A8, 1}, {0x3D, 0x09AA, 2}, {0x40, 0x09AC, 5},
     {0x46, 0x09B2, 1}, {0x4A, 0x09B6, 4}, {0x4E, 0x09BC, 9}, {0x59, 0x09C7, 2},
     {0x5D, 0x09CB, 4}, {0x7B, 0x09D7, 1}, {0x7C, 0x09DC, 2}, {0x7E, 0x09F0, 2}}};
inline constexpr std::array<septet_run, 20> gujarati_locking{
    {{0x00, 0x0A81, 3}, {0x03, 0x0A85, 7}, {0x0B, 0x0A8C, 2},  {0x0F, 0x0A8F, 3},
     {0x13, 0x0A93, 8}, {0x1C, 0x0A9B, 4}, {0x22, 0x0A9F, 6},  {0x2A, 0x0AA5, 2},
     {0x2D, 0x0AA7, 1}, {0x2F, 0x0AA8, 1}, {0x3D, 0x0AAA, 2},  {0x40, 0x0AAC, 5},
     {0x46, 0x0AB2, 2}, {0x49, 0x0AB5, 5}, {0x4E, 0x0ABC, 10}, {0x59, 0x0AC7, 3},
     {0x5D, 0x0ACB, 3}, {0x60, 0x0AD0, 1}, {0x7B, 0x0AE0, 4},  {0x7F, 0x0AF1, 1}}};
inline constexpr std::array<septet_run, 16> hindi_locking{{{0x00, 0x0901, 3},
                                                           {0x03, 0x0905, 7},
                                                           {0x0B, 0x090C, 2},
                                                           {0x0E, 0x090E, 13},
                                                           {0x1C, 0x091B, 4},
                                                           {0x22, 0x091F, 6},
                                                           {0x2A, 0x0925, 2},
                                                           {0x2D, 0x0927, 1},
                                                           {0x2F, 0x0928, 1},
                                                           {0x3C, 0x0929, 3},
                                                           {0x40, 0x092C, 14},
                                                           {0x4E, 0x093C, 18},
                                                           {0x60, 0x0950, 1},
                                                           {0x7B, 0x0972, 1},
                                                           {0x7C, 0x097B, 2},
                                                           {0x7E, 0x097E, 2}}};
inline constexpr std::array<septet_run, 19> kannada_locking{{{0x01, 0x0C82, 2},
                                                             {0x03, 0x0C85, 7},
                                                             {0x0B, 0x0C8C, 1},
                                                             {0x0E, 0x0C8E, 3},
                                                             {0x12, 0x0C92, 9},
                                                             {0x1C, 0x0C9B, 4},
                                                             {0x22, 0x0C9F, 6},
                                                             {0x2A, 0x0CA5, 2},
                                                             {0x2D, 0x0CA7, 1},
                                                             {0x2F, 0x0CA8, 1},
                                                             {0x3D, 0x0CAA, 2},
                                                             {0x40, 0x0CAC, 8},
                                                             {0x49, 0x0CB5, 5},
                                                             {0x4E, 0x0CBC, 9},
                                                             {0x58, 0x0CC6, 3},
                                                             {0x5C, 0x0CCA, 4},
                                                             {0x60, 0x0CD5, 1},
                                                             {0x7B, 0x0CD6, 1},
                                                             {0x7C, 0x0CE0, 4}}};
inline constexpr std::array<septet_run, 18> malayalam_locking{{{0x01, 0x0D02, 2},
                                                               {0x03, 0x0D05, 7},
                                                               {0x0B, 0x0D0C, 1},
                                                               {0x0E, 0x0D0E, 3},
                                                               {0x12, 0x0D12, 9},
                                                               {0x1C, 0x0D1B, 4},
                                                               {0x22, 0x0D1F, 6},
                                                               {0x2A, 0x0D25, 2},
                                                               {0x2D, 0x0D27, 1},
                                                               {0x2F, 0x0D28, 1},
                                                               {0x3D, 0x0D2A, 2},
                                                               {0x40, 0x0D2C, 14},
                                                               {0x4F, 0x0D3D, 8},
                                                               {0x58, 0x0D46, 3},
                                                               {0x5C, 0x0D4A, 4},
                                                               {0x60, 0x0D57, 1},
                                                               {0x7B, 0x0D60, 4},
                                                               {0x7F, 0x0D79, 1}}};
inline constexpr std::array<septet_run, 20> oriya_locking{
    {{0x00, 0x0B01, 3}, {0x03, 0x0B05, 7}, {0x0B, 0x0B0C, 1}, {0x0F, 0x0B0F, 2},
     {0x13, 0x0B13, 8}, {0x1C, 0x0B1B, 4}, {0x22, 0x0B1F, 6}, {0x2A, 0x0B25, 2},
     {0x2D, 0x0B27, 1}, {0x2F, 0x0B28, 1}, {0x3D, 0x0B2A, 2}, {0x40, 0x0B2C, 5},
     {0x46, 0x0B32, 2}, {0x49, 0x0B35, 5}, {0x4E, 0x0B3C, 9}, {0x59, 0x0B47, 2},
     {0x5D, 0x0B4B, 3}, {0x60, 0x0B56, 1}, {0x7B, 0x0B57, 1}, {0x7C, 0x0B60, 4}}};
inline constexpr std::array<septet_run, 20> punjabi_locking{
    {{0x00, 0x0A01, 3}, {0x03, 0x0A05, 6}, {0x0F, 0x0A0F, 2}, {0x13, 0x0A13, 8},
     {0x1C, 0x0A1B, 4}, {0x22, 0x0A1F, 6}, {0x2A, 0x0A25, 2}, {0x2D, 0x0A27, 1},
     {0x2F, 0x0A28, 1}, {0x3D, 0x0A2A, 2}, {0x40, 0x0A2C, 5}, {0x46, 0x0A32, 2},
     {0x49, 0x0A35, 2}, {0x4C, 0x0A38, 2}, {0x4E, 0x0A3C, 1}, {0x50, 0x0A3E, 5},
     {0x59, 0x0A47, 2}, {0x5D, 0x0A4B, 3}, {0x60, 0x0A51, 1}, {0x7B, 0x0A70, 5}}};
inline constexpr std::array<septet_run, 19> tamil_locking{{{0x01, 0x0B82, 2},
                                                           {0x03, 0x0B85, 6},
                                                           {0x0E, 0x0B8E, 3},
                                                           {0x12, 0x0B92, 4},
                                                           {0x19, 0x0B99, 2},
                                                           {0x1D, 0x0B9C, 1},
                                                           {0x1F, 0x0B9E, 1},
                                                           {0x22, 0x0B9F, 1},
                                                           {0x26, 0x0BA3, 2},
                                                           {0x2F, 0x0BA8, 1},
                                                           {0x3C, 0x0BA9, 2},
                                                           {0x42, 0x0BAE, 12},
                                                           {0x50, 0x0BBE, 5},
                                                           {0x58, 0x0BC6, 3},
                                                           {0x5C, 0x0BCA, 4},
                                                           {0x60, 0x0BD0, 1},
                                                           {0x7B, 0x0BD7, 1},
                                                           {0x7C, 0x0BF0, 3},
                                                           {0x7F, 0x0BF9, 1}}};
inline constexpr std::array<septet_run, 19> telugu_locking{{{0x00, 0x0C01, 3},
                                                            {0x03, 0x0C05, 7},
                                                            {0x0B, 0x0C0C, 1},
                                                            {0x0E, 0x0C0E, 3},
                                                            {0x12, 0x0C12, 9},
                                                            {0x1C, 0x0C1B, 4},
                                                            {0x22, 0x0C1F, 6},
                                                            {0x2A, 0x0C25, 2},
                                                            {0x2D, 0x0C27, 1},
                                                            {0x2F, 0x0C28, 1},
                                                            {0x3D, 0x0C2A, 2},
                                                            {0x40, 0x0C2C, 8},
                                                            {0x49, 0x0C35, 5},
                                                            {0x4F, 0x0C3D, 8},
                                                            {0x58, 0x0C46, 3},
                                                            {0x5C, 0x0C4A, 4},
                                                            {0x60, 0x0C55, 1},
                                                            {0x7B, 0x0C56, 1},
                                                            {0x7C, 0x0C60, 4}}};
inline constexpr std::array<septet_run, 60> urdu_locking{
    {{0x00, 0x0627, 1}, {0x01, 0x0622, 1}, {0x02, 0x0628, 1}, {0x03, 0x067B, 1},
     {0x04, 0x0680, 1}, {0x05, 0x067E, 1}, {0x06, 0x06A6, 1}, {0x07, 0x062A, 1},
     {0x08, 0x06C2, 1}, {0x09, 0x067F, 1}, {0x0B, 0x0679, 1}, {0x0C, 0x067D, 1},
     {0x0E, 0x067A, 1}, {0x0F, 0x067C, 1}, {0x10, 0x062B, 2}, {0x12, 0x0681, 1},
     {0x13, 0x0684, 1}, {0x14, 0x0683, 1}, {0x15, 0x0685, 3}, {0x18, 0x062D, 3},
     {0x1C, 0x068C, 1}, {0x1D, 0x0688, 3}, {0x22, 0x068F, 1}, {0x23, 0x068D, 1},
     {0x24, 0x0630, 2}, {0x26, 0x0691, 1}, {0x27, 0x0693, 1}, {0x2A, 0x0699, 1},
     {0x2B, 0x0632, 1}, {0x2D, 0x0696, 1}, {0x2F, 0x0698, 1}, {0x3C, 0x069A, 1},
     {0x3D, 0x0633, 2}, {0x40, 0x0635, 5}, {0x45, 0x0641, 2}, {0x47, 0x06A9, 3},
     {0x4A, 0x06AF, 1}, {0x4B, 0x06B3, 1}, {0x4C, 0x06B1, 1}, {0x4D, 0x0644, 3},
     {0x50, 0x06BA, 3}, {0x53, 0x0648, 1}, {0x54, 0x06C4, 1}, {0x55, 0x06D5, 1},
     {0x56, 0x06C1, 1}, {0x57, 0x06BE, 1}, {0x58, 0x0621, 1}, {0x59, 0x06CC, 1},
     {0x5A, 0x06D0, 1}, {0x5B, 0x06D2, 1}, {0x5C, 0x064D, 1}, {0x5D, 0x0650, 1},
     {0x5E, 0x064F, 1}, {0x5F, 0x0657, 1}, {0x60, 0x0654, 1}, {0x7B, 0x0655, 1},
     {0x7C, 0x0651, 1}, {0x7D, 0x0653, 1}, {0x7E, 0x0656, 1}, {0x7F, 0x0670, 1}}};
inline constexpr std::array<septet_run, 7> turkish_single{{{0x47, 0x011E, 1},
                                                           {0x49, 0x0130, 1},
                                                           {0x53, 0x015E, 1},
                                                           {0x63, 0x00E7, 1},
                                                           {0x67, 0x011F, 1},
                                                           {0x69, 0x0131, 1},
                                                           {0x73, 0x015F, 1}}};
inline constexpr std::array<septet_run, 9> spanish_single{{{0x09, 0x00E7, 1},
                                                           {0x41, 0x00C1, 1},
                                                           {0x49, 0x00CD, 1},
                                                           {0x4F, 0x00D3, 1},
                                                           {0x55, 0x00DA, 1},
                                                           {0x61, 0x00E1, 1},
                                                           {0x69, 0x00ED, 1},
                                                           {0x6F, 0x00F3, 1},
                                                           {0x75, 0x00FA, 1}}};
inline constexpr std::array<septet_run, 27> portuguese_single{
    {{0x05, 0x00EA, 1}, {0x09, 0x00E7, 1}, {0x0B, 0x00D4, 1}, {0x0C, 0x00F4, 1}, {0x0E, 0x00C1, 1},
     {0x0F, 0x00E1, 1}, {0x12, 0x03A6, 1}, {0x13, 0x0393, 1}, {0x15, 0x03A9, 1}, {0x16, 0x03A0, 1},
     {0x17, 0x03A8, 1}, {0x18, 0x03A3, 1}, {0x19, 0x0398, 1}, {0x1F, 0x00CA, 1}, {0x41, 0x00C0, 1},
     {0x49, 0x00CD, 1}, {0x4F, 0x00D3, 1}, {0x55, 0x00DA, 1}, {0x5B, 0x00C3, 1}, {0x5C, 0x00D5, 1},
     {0x61, 0x00C2, 1}, {0x69, 0x00ED, 1}, {0x6F, 0x00F3, 1}, {0x75, 0x00FA, 1}, {0x7B, 0x00E3, 1},
     {0x7C, 0x00F5, 1}, {0x7F, 0x00E2, 1}}};
inline constexpr std::array<septet_run, 6> bengali_single{{{0x19, 0x09E6, 2},
                                                           {0x1C, 0x09E8, 8},
                                                           {0x24, 0x09DF, 4},
                                                           {0x2A, 0x09E3, 1},
                                                           {0x2B, 0x09F2, 4},
                                                           {0x30, 0x09F6, 5}}};
inline constexpr std::array<septet_run, 2> gujarati_single{{{0x19, 0x0964, 2}, {0x1C, 0x0AE6, 10}}};
inline constexpr std::array<septet_run, 7> hindi_single{{{0x19, 0x0964, 2},
                                                         {0x1C, 0x0966, 10},
                                                         {0x26, 0x0951, 2},
                                                         {0x2A, 0x0953, 2},
                                                         {0x2C, 0x0958, 3},
                                                         {0x30, 0x095B, 9},
                                                         {0x39, 0x0970, 2}}};
inline constexpr std::array<septet_run, 5> kannada_single{{{0x19, 0x0964, 2},
                                                           {0x1C, 0x0CE6, 10},
                                                           {0x26, 0x0CDE, 1},
                                                           {0x27, 0x0CF1, 1},
                                                           {0x2A, 0x0CF2, 1}}};
inline constexpr std::array<septet_run, 5> malayalam_single{{{0x19, 0x0964, 2},
                                                             {0x1C, 0x0D66, 12},
                                                             {0x2A, 0x0D72, 4},
                                                             {0x2E, 0x0D7A, 1},
                                                             {0x30, 0x0D7B, 5}}};
inline constexpr std::array<septet_run, 5> oriya_single{{{0x19, 0x0964, 2},
                                                         {0x1C, 0x0B66, 10},
                                                         {0x26, 0x0B5C, 2},
                                                         {0x2A, 0x0B5F, 1},
                                                         {0x2B, 0x0B70, 2}}};
inline constexpr std::array<septet_run, 6> punjabi_single{{{0x19, 0x0964, 2},
                                                           {0x1C, 0x0A66, 10},
                                                           {0x26, 0x0A59, 2},
                                                           {0x2A, 0x0A5B, 2},
                                                           {0x2C, 0x0A5E, 1},
                                                           {0x2D, 0x0A75, 1}}};
inline constexpr std::array<septet_run, 5> tamil_single{{{0x19, 0x0964, 2},
                                                         {0x1C, 0x0BE6, 10},
                                                         {0x26, 0x0BF3, 2},
                                                         {0x2A, 0x0BF5, 4},
                                                         {0x2E, 0x0BFA, 1}}};
inline constexpr std::array<septet_run, 4> telugu_single{
    {{0x1C, 0x0C66, 10}, {0x26, 0x0C58, 2}, {0x2A, 0x0C78, 5}, {0x30, 0x0C7D, 3}}};
inline constexpr std::array<septet_run, 14> urdu_single{{{0x19, 0x0600, 2},
                                                         {0x1C, 0x06F0, 10},
                                                         {0x26, 0x060C, 2},
                                                         {0x2A, 0x060E, 5},
                                                         {0x30, 0x0613, 2},
                                                         {0x32, 0x061B, 1},
                                                         {0x33, 0x061F, 1},
                                                         {0x34, 0x0640, 1},
                                                         {0x35, 0x0652, 1},
                                                         {0x36, 0x0658, 1},
                                                         {0x37, 0x066B, 2},
                                                         {0x39, 0x0672, 2},
                                                         {0x3B, 0x06CD, 1},
                                                         {0x3F, 0x06D4, 1}}};

}  // namespace hikyaku::smpp::text::detail
